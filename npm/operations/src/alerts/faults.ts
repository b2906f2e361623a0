import type { Logger } from 'fusewire';
import { CallTimeoutError } from 'fusewire/errors';
import { redactText } from '../redaction.ts';
import { DeliveryError } from './notifier.ts';
import { oneLine, shortened } from './text.ts';

/** Reports faults of the user's code: each kind once, because a rule that fails once fails at each evaluation. */
export class Faults {
  readonly #name: string;
  readonly #logger: Logger | undefined;
  readonly #reported = new Set<string>();
  count = 0;

  constructor(name: string, logger: Logger | undefined) {
    this.#name = name;
    this.#logger = logger;
  }

  report(message: string, error: unknown): void {
    this.count++;
    if (this.#reported.has(message) || this.#reported.size >= MOST_KINDS) return;
    this.#reported.add(message);
    const text = `Alerts ${this.#name}: ${message}: ${describeError(error)}`;
    try {
      if (this.#logger !== undefined) void Promise.resolve(this.#logger.error(text)).catch(() => undefined);
      else if (typeof process === 'object' && typeof process.emitWarning === 'function')
        process.emitWarning(text, { type: 'FusewireWarning' });
      else console.warn(text);
    } catch {
      // Nobody is left to report it to.
    }
  }
}

const MOST_KINDS = 100;
const LONGEST_MESSAGE = 200;
const LONGEST_TEXT = 1_000;

/** Returns a text in one line, without secrets. */
export function cleanText(text: string): string {
  return redactText(oneLine(text), LONGEST_TEXT);
}

/** Returns an error in one line without secrets. */
export function describeError(error: unknown): string {
  try {
    if (error instanceof DeliveryError || error instanceof CallTimeoutError) return oneLine(error.message);
    const { name, message } =
      typeof error === 'object' && error !== null ? (error as Partial<Error>) : { message: String(error) };
    return shortened(cleanText(`${name ?? 'Error'}: ${message ?? ''}`), LONGEST_MESSAGE);
  } catch {
    return 'an error that cannot be read';
  }
}

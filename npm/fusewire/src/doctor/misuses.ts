import { reportFault } from '../logging.ts';
import type { Logger } from '../logging.ts';
import { isDeadline } from '../run/abort-signals.ts';
import type { CallContext } from '../run/call-context.ts';
import type { CallWatch } from '../run/call-watch.ts';
import { subjectOf } from './diagnose.ts';
import type { Diagnostic } from './diagnostic.ts';
import { toDiagnostics } from './rule.ts';
import { isReadableLike } from '../run/stream-source.ts';
import { abortWithoutSignal, notRepeated, promiseRejected, streamNotRead, workNotEnded } from './rules/calls.ts';
import type { CallRule } from './rules/calls.ts';

/** Finds mistakes that only calls reveal, and reports each as a diagnostic. */
export class MisuseWatch implements CallWatch {
  readonly #report: (diagnostic: Diagnostic, logger: Logger | undefined) => void;

  constructor(report: (diagnostic: Diagnostic, logger: Logger | undefined) => void) {
    this.#report = report;
  }

  onWork(context: CallContext, running: Promise<unknown>, logger: Logger | undefined): void {
    const subject = `Work of ${context.breaker}`;
    const check = () => {
      if (isDeadline(context.missedAbort?.reason)) this.#found(workNotEnded, subject, logger);
    };
    running.then((value) => {
      if (isStream(value)) this.#found(streamNotRead, subject, logger);
      check();
    }, check);
  }

  onForeignAbort(breaker: string, logger: Logger | undefined): void {
    this.#found(abortWithoutSignal, subjectOf(breaker), logger);
  }

  onPromiseRejected(breaker: string, logger: Logger | undefined): void {
    this.#found(promiseRejected, subjectOf(breaker), logger);
  }

  onNotRepeated(policy: string): void {
    this.#found(notRepeated, `Policy ${policy}`, undefined);
  }

  #found(rule: CallRule, subject: string, logger: Logger | undefined): void {
    try {
      for (const diagnostic of toDiagnostics(rule, subject, rule.message)) this.#report(diagnostic, logger);
    } catch (error) {
      // A diagnosis that fails must not fail the program.
      reportFault(undefined, 'fusewire: the diagnosis failed', error);
    }
  }
}

/** Whether a value is a stream that nobody has read, and neither a socket, which is also written to, nor the answer of a server. */
function isStream(value: unknown): boolean {
  try {
    if (isReadableLike(value)) return true;
    const { write, statusCode, headers } = Object(value) as Readonly<Record<string, unknown>>;
    const isResult = typeof write === 'function' || (statusCode !== undefined && headers !== undefined);
    return !isResult && typeof (Object(value) as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
  } catch {
    // A revoked proxy, say.
    return false;
  }
}

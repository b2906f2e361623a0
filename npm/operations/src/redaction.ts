/** `@fusewire/operations/redaction`: removes secrets from texts, values and log lines. */
import { Redactor } from './redaction/redactor.ts';
import type { RedactionOptions } from './redaction/options.ts';
import type { Json } from './json.ts';

export { redactingLogger } from './redaction/redacting-logger.ts';
export { Redactor } from './redaction/redactor.ts';

export type { Json, JsonObject } from './json.ts';
export type { RedactionOptions } from './redaction/options.ts';

let shared: Redactor | undefined;

/**
 * Returns a text without secrets.
 *
 * @param longest most characters of the result; the rest is cut. Default: no limit.
 */
export function redactText(text: string, longest?: number): string {
  return (shared ??= new Redactor()).text(text, longest);
}

/**
 * Returns a copy of a value as JSON, without secrets: by the names of fields, and by the shapes of texts.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function redact(value: unknown, options?: RedactionOptions): Json {
  return (options === undefined ? (shared ??= new Redactor()) : new Redactor(options)).value(value);
}

import { storableText } from 'fusewire/kit';
import type { JsonObject } from '../json.ts';
import type { Redactor } from '../redaction/redactor.ts';
import { SEVERITIES } from './event.ts';
import type { NewEvent, OperationsEvent } from './event.ts';

const LONGEST_NAME = 200;
const LONGEST_REASON = 500;
const LONGEST_SUMMARY = 500;
/** Most characters of the details as JSON. Beyond, they become a text that is cut. */
const LONGEST_DETAILS = 16_384;
const LONGEST_DATA = 1_000;
/** End of the year 9999: databases know no later one. */
const LATEST = 253_402_300_799_999;
const MOST_COUNT = Number.MAX_SAFE_INTEGER;
/** Fields of details with data of requests, which become texts of at most {@link LONGEST_DATA} characters. */
const DATA_FIELDS: ReadonlySet<string> = new Set(['data', 'body', 'request', 'response']);

/** Completes an event: everything in it is of its type, short, JSON and without secrets. Never throws. */
export function completeEvent(
  event: NewEvent,
  id: string,
  now: number,
  instance: string,
  redactor: Redactor,
): OperationsEvent {
  const text = (value: unknown, longest: number) => storableText(redactor.text(asText(value), longest));
  const textOrNull = (value: unknown, longest: number) =>
    value === undefined || value === null || value === '' ? null : text(value, longest);
  const { severity = 'info', time, count = 1 } = event;
  const milliseconds = Number(time ?? now);
  const kind = text(event.kind, LONGEST_NAME) || 'unknown';
  return {
    id,
    time: milliseconds >= 0 && milliseconds <= LATEST ? Math.floor(milliseconds) : now,
    kind,
    severity: SEVERITIES.includes(severity) ? severity : 'info',
    breaker: textOrNull(event.breaker, LONGEST_NAME),
    policy: textOrNull(event.policy, LONGEST_NAME),
    instance,
    actor: textOrNull(event.actor, LONGEST_NAME),
    reason: textOrNull(event.reason, LONGEST_REASON),
    count: Number.isInteger(count) && count > 0 && count <= MOST_COUNT ? count : 1,
    summary: textOrNull(event.summary, LONGEST_SUMMARY) ?? kind,
    details: detailsOf(event.details, redactor),
  };
}

function detailsOf(details: unknown, redactor: Redactor): JsonObject {
  if (details === undefined || details === null) return {};
  const copy = redactor.value(details);
  if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) return { value: copy };
  const fields = Object.entries(copy as JsonObject).map(([name, value]) => {
    const isData = DATA_FIELDS.has(name) && typeof value === 'object' && value !== null;
    return [name, isData ? redactor.json(value, LONGEST_DATA) : value] as const;
  });
  const text = JSON.stringify(Object.fromEntries(fields));
  if (text.length > LONGEST_DETAILS) return { cut: storableText(`${text.slice(0, LONGEST_DETAILS / 2)}…`) };
  // Most details have none of the characters that a database refuses.
  return (UNSTORABLE_JSON.test(text) ? cleanJson(JSON.parse(text)) : Object.fromEntries(fields)) as JsonObject;
}

/** Escapes of the characters that a store may refuse. */
const UNSTORABLE_JSON = /\\u(?:0000|d[89a-f])/i;

function cleanJson(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [storableText(name), cleanJson(field)]));
}

function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return '';
  }
}

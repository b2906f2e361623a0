import { listOf, severitiesFrom } from '@fusewire/operations/events';
import type { JsonObject, OperationsEvent, SinkQuery } from '@fusewire/operations/events';
import type { Row, Where } from './model.ts';

/** Translation between events and the rows of one kind of table. */
export interface Columns {
  /** Column with the time of an event. */
  readonly time: string;
  /** Columns that say whether a row is an event. */
  readonly identifying: readonly string[];
  rowOf(event: OperationsEvent): Row;
  /** Returns undefined for a row that the sink did not write. */
  eventOf(row: Row): OperationsEvent | undefined;
  /** Returns conditions that every matching event meets. Others may meet them too. */
  conditionsOf(query: SinkQuery): readonly Where[];
}

/** Translation of JSON into a column of the type `Json` or `String`, and back. */
export interface JsonColumn {
  write(value: JsonObject): unknown;
  read(value: unknown): JsonObject;
}

/** Columns of the types `Json` and `String`. */
export const jsonColumns = {
  Json: { write: (value) => value, read: (value) => asObject(value) },
  String: { write: (value) => JSON.stringify(value), read: (value) => asObject(parsed(value)) },
} as const satisfies Record<string, JsonColumn>;

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(text as string);
  } catch {
    // The program has written something else there.
    return undefined;
  }
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** Returns the translation for a table with a column for each field of an event. */
export function eventColumns(json: JsonColumn): Columns {
  return {
    time: 'time',
    identifying: ['id'],
    rowOf: ({ time, details, ...fields }) => ({ ...fields, time: new Date(time), details: json.write(details) }),
    eventOf: ({ time, details, ...fields }) =>
      ({ ...fields, time: (time as Date).getTime(), details: json.read(details) }) as OperationsEvent,
    conditionsOf(query) {
      const conditions = [...timeConditions('time', query)];
      for (const column of ['breaker', 'instance', 'actor'] as const) {
        if (query[column] !== undefined) conditions.push({ [column]: { in: listOf(query[column]) } });
      }
      if (query.severity !== undefined) conditions.push({ severity: { in: severitiesFrom(query.severity) } });
      if (query.kind !== undefined) conditions.push({ OR: listOf(query.kind).map((kind) => textLike('kind', kind)) });
      return conditions;
    },
  };
}

/** Returns the condition of a range of times. Events have whole milliseconds. */
export function timeConditions(column: string, { since, until }: SinkQuery): readonly Where[] {
  const conditions: Where[] = [];
  if (since !== undefined && Number.isFinite(since)) conditions.push({ [column]: { gte: new Date(Math.ceil(since)) } });
  if (until !== undefined && Number.isFinite(until)) conditions.push({ [column]: { lt: new Date(Math.ceil(until)) } });
  return conditions;
}

/** Returns a condition for a text, or for a beginning that ends with `*`. */
export function textLike(column: string, text: string): Where {
  if (!text.endsWith('*')) return { [column]: text };
  // Prisma takes % and _ for any text on some databases, and ignores the case.
  const beginning = /^[^%_\\]*/.exec(text.slice(0, -1))?.[0] ?? '';
  return { [column]: { startsWith: beginning } };
}

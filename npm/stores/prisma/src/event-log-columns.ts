import { listOf } from '@fusewire/operations/events';
import type { Json, JsonObject, OperationsEvent } from '@fusewire/operations/events';
import { textLike, timeConditions } from './columns.ts';
import type { Columns, JsonColumn } from './columns.ts';

/** Beginning of the types of events that have none of the program's own. */
const OWN = 'fusewire.';

/** Key in the metadata of a row under which the rest of an event stands. It marks the rows that the sink has written. */
const MARK = 'fusewire';

/** The rest of an event. `isRow` says whether its details are the other columns, or stand in the payload. */
type Mark = Omit<OperationsEvent, 'id' | 'time' | 'details'> & { readonly isRow: boolean };

/**
 * Returns the translation for a table `EventLog` with the columns `id`, `eventType`, `aggregateId`, `payload`, `metadata` and
 * `timestamp`. An event that `eventLogTable` recorded becomes the row that the program gave it, with one key more in `metadata`.
 */
export function eventLogColumns(json: JsonColumn): Columns {
  return {
    time: 'timestamp',
    identifying: ['id', 'metadata'],
    rowOf(event) {
      const { id, time, details, ...rest } = event;
      const row = programRow(details);
      const { aggregateId, payload, metadata } = row ?? ownRow(event);
      const mark = { ...rest, isRow: row !== undefined };
      return {
        id,
        timestamp: new Date(time),
        eventType: eventTypeOf(rest.kind),
        aggregateId,
        payload: json.write(payload),
        metadata: json.write({ ...metadata, [MARK]: mark as unknown as Json }),
      };
    },
    eventOf(row) {
      const { [MARK]: mark, ...metadata } = json.read(row['metadata']);
      if (!isObject(mark)) return undefined;
      const { isRow, ...rest } = mark as unknown as Mark;
      const payload = json.read(row['payload']);
      const details = isRow ? { aggregateId: row['aggregateId'], payload, metadata } : payload['details'];
      return { ...rest, id: row['id'], time: (row['timestamp'] as Date).getTime(), details } as OperationsEvent;
    },
    conditionsOf(query) {
      const conditions = [...timeConditions('timestamp', query)];
      if (query.kind !== undefined) {
        const types = listOf(query.kind).flatMap((kind) => [kind, OWN + kind]);
        conditions.push({ OR: types.map((type) => textLike('eventType', type)) });
      }
      return conditions;
    },
  };
}

function eventTypeOf(kind: string): string {
  return kind.includes('.') ? kind : OWN + kind;
}

interface ProgramRow {
  readonly aggregateId: string;
  readonly payload: JsonObject;
  readonly metadata: JsonObject;
}

/** Returns the row in the details of an event, if they are exactly a row. */
function programRow(details: JsonObject): ProgramRow | undefined {
  const { aggregateId, payload, metadata, ...others } = details;
  if (typeof aggregateId !== 'string' || Object.keys(others).length > 0) return undefined;
  if (!isObject(payload) || !isObject(metadata) || MARK in metadata) return undefined;
  return { aggregateId, payload, metadata };
}

/** Returns the row of an event that the log itself has recorded. */
function ownRow({ breaker, policy, instance, reason, count, summary, details }: OperationsEvent): ProgramRow {
  const payload = { breaker, policy, reason, count, summary, details };
  return { aggregateId: breaker ?? policy ?? instance, payload, metadata: {} };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

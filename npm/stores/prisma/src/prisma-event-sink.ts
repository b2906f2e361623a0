import { readOptions } from 'fusewire/kit';
import type { EventSink } from '@fusewire/operations/events';
import { eventColumns, jsonColumns } from './columns.ts';
import { eventLogColumns } from './event-log-columns.ts';
import { isPrismaModel } from './model.ts';
import type { Model, PrismaModel } from './model.ts';
import { PrismaEventStore } from './store.ts';

/** Options of {@link prismaEventSink}. */
export interface PrismaEventSinkOptions {
  /** Model of the program's own Prisma client, such as `prisma.fusewireEvent`. The sink never connects or disconnects it. */
  readonly model: PrismaModel;
  /**
   * Columns of the model. `'event'`: one for each field of an event. `'EventLog'`: `id`, `eventType`, `aggregateId`, `payload`,
   * `metadata` and `timestamp`. Default `'event'`.
   */
  readonly columns?: 'event' | 'EventLog' | undefined;
  /** Type of the columns with JSON in the schema. Default `'Json'`. */
  readonly json?: 'Json' | 'String' | undefined;
}

const COLUMNS = { event: eventColumns, EventLog: eventLogColumns };

/**
 * Returns a sink of events in a model of Prisma, on any database of Prisma with `createMany`. A batch is stored completely or
 * not at all. In a table `EventLog` the sink reads and deletes only the rows that it has written.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function prismaEventSink(options: PrismaEventSinkOptions): EventSink {
  const reader = readOptions('Event sink', 'prisma', options);
  const model = reader.value('model');
  if (model !== undefined && !isPrismaModel(model)) {
    reader.report('model', 'type', 'a model of a Prisma client, such as prisma.eventLog');
  }
  const columns = reader.oneOf('columns', ['event', 'EventLog']) ?? 'event';
  const json = reader.oneOf('json', ['Json', 'String']) ?? 'Json';
  reader.finish('model');
  return new PrismaEventStore(model as unknown as Model, COLUMNS[columns](jsonColumns[json]));
}

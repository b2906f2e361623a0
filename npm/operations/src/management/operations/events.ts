import { SEVERITIES } from '../../events/event.ts';
import type { EventFilter, EventQuery } from '../../events/filter.ts';
import type { AuditLog } from '../audit-log.ts';
import type { Fields, Input } from '../fields.ts';
import type { Operation } from './operation.ts';

/** Latest time that a `Date` can have, in milliseconds. */
const LATEST = 8_640_000_000_000_000;

const FILTER = {
  breaker: { in: 'query', type: 'text', most: 200, description: 'Only events of this breaker.' },
  kind: {
    in: 'query',
    type: 'text',
    most: 200,
    description: 'Only events of this kind, or of the kinds that begin so if it ends with `*`.',
  },
  severity: { in: 'query', type: 'word', words: SEVERITIES, description: 'Only events of at least this severity.' },
  instance: { in: 'query', type: 'text', most: 200, description: 'Only events of this process.' },
  actor: { in: 'query', type: 'text', most: 200, description: 'Only events of this actor.' },
} as const satisfies Fields;

const events: Operation = {
  access: 'read',
  summary: 'Return a page of the event log.',
  needs: 'events',
  fields: {
    ...FILTER,
    since: {
      in: 'query',
      type: 'integer',
      least: 0,
      most: LATEST,
      description: 'Earliest time, in milliseconds since 1970.',
    },
    until: {
      in: 'query',
      type: 'integer',
      least: 0,
      most: LATEST,
      description: 'End of the time, in milliseconds since 1970.',
    },
    order: { in: 'query', type: 'word', words: ['newest', 'oldest'], description: "Default `'newest'` first." },
    cursor: {
      in: 'query',
      type: 'text',
      most: 200,
      description: '`cursor` of the page before, or the id of an event.',
    },
    limit: {
      in: 'query',
      type: 'integer',
      least: 1,
      most: 1_000,
      description: 'Most events of the page. Default 100.',
    },
  },
  result: 'EventPage',
  async run(services, input) {
    const log = services.events as AuditLog;
    return { body: await services.guarded('the event log', () => log.tail({ ...input } as EventQuery)) };
  },
};

const stream: Operation = {
  access: 'read',
  summary:
    'Follow breakers and events, as server-sent events. `breakers` has those that changed, at most once a second; ' +
    '`event` has one event, and its id for `Last-Event-ID`; `missed` says that events are missing.',
  fields: {
    ...FILTER,
    breaker: { in: 'query', type: 'text', most: 200, description: 'Only this breaker and its events.' },
    breakers: { in: 'query', type: 'boolean', description: 'Whether breakers are followed. Default true.' },
  },
  result: 'Stream',
  run(services, input, { request }) {
    return { body: services.streams.open(services, request, followed(input)) };
  },
};

/** Returns what a request follows. */
function followed(input: Input): { filter: EventFilter; breakers: boolean } {
  const { breakers, ...filter } = input;
  return { filter, breakers: breakers !== false };
}

/** Operations on the event log. */
export const eventOperations = { events, stream } as const;

import type { EventLog } from '@fusewire/operations/events';

/** Returns the kinds of the events of a log, the oldest first. */
export async function kindsOf(log: EventLog): Promise<string[]> {
  const { events } = await log.tail({ order: 'oldest' });
  return events.map(({ kind }) => kind);
}

/** Fails a call through a breaker or a pipeline. */
export async function fail(breaker: { execute(work: () => never): Promise<unknown> }, error: unknown): Promise<void> {
  await breaker
    .execute(() => {
      throw error;
    })
    .catch(() => undefined);
}

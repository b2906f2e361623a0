import type { NewEvent } from './event.ts';

/** Most combinations of breaker, policy and reason that are counted apart. */
const MOST_KEYS = 10_000;

interface Sample {
  readonly event: NewEvent;
  /** Rejections since the last event. */
  count: number;
  latest: number;
  /** Time from which the next event is due. */
  due: number;
}

/**
 * Samples rejections. The first of a breaker and a reason is recorded at once; those that follow within the interval are counted,
 * and recorded as one event with their number.
 */
export class RejectionSampler {
  readonly #interval: number;
  readonly #samples = new Map<string, Sample>();
  /** Rejections that another event represents. */
  sampled = 0;

  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Returns the event to record now, if there is one. */
  add(event: NewEvent, now: number): NewEvent | undefined {
    const key = `${event.breaker ?? ''}\n${event.policy ?? ''}\n${event.reason ?? ''}`;
    const known = this.#samples.get(key);
    if (known === undefined) {
      if (this.#samples.size < MOST_KEYS)
        this.#samples.set(key, { event, count: 0, latest: now, due: now + this.#interval });
      return event;
    }
    this.sampled++;
    known.count++;
    known.latest = now;
    return undefined;
  }

  /** Time at which the next event is due; Infinity if there is none. */
  get nextDue(): number {
    let next = Infinity;
    for (const { due } of this.#samples.values()) next = Math.min(next, due);
    return next;
  }

  /** Returns the events that are due. Forgets what was not rejected for an interval. */
  takeDue(now: number): NewEvent[] {
    const events: NewEvent[] = [];
    for (const [key, sample] of this.#samples) {
      if (sample.due > now) continue;
      if (sample.count === 0) {
        this.#samples.delete(key);
        continue;
      }
      events.push(withCount(sample));
      sample.count = 0;
      sample.due = now + this.#interval;
    }
    return events;
  }
}

function withCount({ event, count, latest }: Sample): NewEvent {
  if (count === 1) return { ...event, time: latest };
  const { breaker, policy, reason } = event;
  const summary = `${policy ?? breaker ?? 'a policy'} rejected ${count} calls${reason ? `: ${reason}` : ''}`;
  return { ...event, time: latest, count, summary };
}

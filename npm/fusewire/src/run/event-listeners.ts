import { catchRejection } from '../logging.ts';

/** Largest number of events after one decision. More come only from listeners that keep calling the emitter. */
const MAX_EVENTS_PER_FLUSH = 1_000;

type Listener = (event: never) => unknown;

interface Subscription {
  readonly listener: Listener;
  readonly once: boolean;
}

/**
 * Listeners of one object. They receive events in the order of the decisions, also if a listener causes further ones. A
 * listener that throws or rejects is reported, and affects nobody else.
 *
 * @typeParam Events payloads by the names of the events.
 */
export class EventListeners<Events extends object> {
  readonly #onFault: (message: string, error: unknown) => void;
  readonly #subscriptions = new Map<keyof Events, readonly Subscription[]>();
  /** Names and payloads of the events that wait, in turn. */
  #queued: unknown[] = [];
  /** Number of elements of the queue that were dispatched. */
  #dispatched = 0;
  #flushing = false;

  /**
   * Number of decisions in progress. Events wait for {@link deliver} while it is above 0. A decision increments and decrements
   * it without a call, because a call in `finally` can overflow the stack.
   */
  decisions = 0;

  constructor(onFault: (message: string, error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Adds a listener. Returns a function that removes it. */
  add<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => unknown, once: boolean): () => void {
    const subscription = { listener, once };
    this.#subscriptions.set(name, [...(this.#subscriptions.get(name) ?? []), subscription]);
    return () => this.#removeSubscription(name, subscription);
  }

  /** Removes the latest subscription of a listener, if there is one. */
  remove(name: keyof Events, listener: Listener): void {
    const last = this.#subscriptions.get(name)?.findLast((subscription) => subscription.listener === listener);
    if (last !== undefined) this.#removeSubscription(name, last);
  }

  /** Whether an event of that name has a listener. */
  has(name: keyof Events): boolean {
    return this.#subscriptions.has(name);
  }

  /** Delivers the waiting events, unless a decision is in progress. */
  deliver(): void {
    if (this.decisions === 0 && this.#queued.length > 0) this.#flush();
  }

  /** Delivers an event, at once or after the decision in progress. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    this.#queued.push(name, event);
    if (this.decisions === 0) this.#flush();
  }

  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      for (let remaining = MAX_EVENTS_PER_FLUSH; this.#dispatched < this.#queued.length; remaining--) {
        if (remaining === 0) {
          const dropped = (this.#queued.length - this.#dispatched) / 2;
          this.#onFault('listeners call the breaker without end', new Error(`${dropped} events were dropped`));
          break;
        }
        const name = this.#queued[this.#dispatched++] as keyof Events;
        this.dispatch(name, this.#queued[this.#dispatched++]);
      }
      this.#queued = [];
      this.#dispatched = 0;
    } finally {
      // After a stack overflow the remaining events wait for the next delivery.
      this.#flushing = false;
    }
  }

  /** Calls the listeners of one event. */
  protected dispatch(name: keyof Events, event: unknown): void {
    const subscriptions = this.#subscriptions.get(name);
    if (subscriptions === undefined) return;
    for (const subscription of subscriptions) this.#call(name, subscription, event);
  }

  #call(name: keyof Events, subscription: Subscription, event: unknown): void {
    if (subscription.once) this.#removeSubscription(name, subscription);
    try {
      const returned = subscription.listener(event as never);
      if (returned !== undefined) catchRejection(returned, (error) => this.#reportListener(name, error));
    } catch (error) {
      this.#reportListener(name, error);
    }
  }

  #reportListener(name: keyof Events, error: unknown): void {
    this.#onFault(`a listener of '${String(name)}' failed`, error);
  }

  #removeSubscription(name: keyof Events, dropped: Subscription): void {
    const rest = this.#subscriptions.get(name)?.filter((subscription) => subscription !== dropped) ?? [];
    if (rest.length > 0) this.#subscriptions.set(name, rest);
    else this.#subscriptions.delete(name);
  }
}

/** Throws a `TypeError` if there is no event of that name, or the listener is not a function. */
export function checkSubscription(subject: string, names: readonly string[], event: unknown, listener: unknown): void {
  if (!names.includes(event as string)) {
    throw new TypeError(`${subject}: there is no event ${JSON.stringify(String(event))}`);
  }
  if (typeof listener !== 'function') throw new TypeError(`${subject}: a listener must be a function`);
}

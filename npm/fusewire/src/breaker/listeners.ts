import { ENTERING } from './events.ts';
import type { BreakerEventName, BreakerEvents, BreakerListener, StateChangeEvent } from './events.ts';
import { catchRejection, log } from '../logging.ts';
import type { Logger } from '../logging.ts';

/** Largest number of events after one decision. More come only from listeners that keep calling the breaker. */
const MAX_EVENTS_PER_FLUSH = 1_000;

type Listener = (event: never) => unknown;

interface Subscription {
  readonly listener: Listener;
  readonly once: boolean;
}

type QueuedEvent = { [Name in BreakerEventName]: readonly [Name, BreakerEvents[Name]] }[BreakerEventName];

/** Listeners of a breaker. They receive events in the order of the decisions, also if a listener causes further ones. */
export class Listeners {
  readonly #logger: Logger | undefined;
  readonly #onFault: (message: string, error: unknown) => void;
  #subscriptions: { [Name in BreakerEventName]?: readonly Subscription[] | undefined } = {};
  #queued: QueuedEvent[] = [];
  /** Number of queued events that were dispatched. */
  #dispatched = 0;
  #flushing = false;

  /**
   * Number of decisions in progress. Events wait for {@link deliver} while it is above 0. A decision increments and decrements
   * it without a call, because a call in `finally` can overflow the stack.
   */
  decisions = 0;

  constructor(logger: Logger | undefined, onFault: (message: string, error: unknown) => void) {
    this.#logger = logger;
    this.#onFault = onFault;
  }

  /** Adds a listener. Returns a function that removes it. */
  add<Name extends BreakerEventName>(name: Name, listener: BreakerListener<Name>, once: boolean): () => void {
    const subscription = { listener, once };
    this.#subscriptions[name] = [...(this.#subscriptions[name] ?? []), subscription];
    return () => this.#removeSubscription(name, subscription);
  }

  /** Removes the latest subscription of a listener, if there is one. */
  remove<Name extends BreakerEventName>(name: Name, listener: BreakerListener<Name>): void {
    const subscriptions = this.#subscriptions[name];
    const last = subscriptions?.findLast((subscription) => subscription.listener === listener);
    if (last !== undefined) this.#removeSubscription(name, last);
  }

  /** Whether an event of that name has a listener. */
  has(name: BreakerEventName): boolean {
    return this.#subscriptions[name] !== undefined;
  }

  /** Whether transitions have a listener or a logger. */
  get hasTransitionListener(): boolean {
    const { stateChange, open, halfOpen, close } = this.#subscriptions;
    return this.#logger !== undefined || (stateChange ?? open ?? halfOpen ?? close) !== undefined;
  }

  /** Delivers the waiting events, unless a decision is in progress. */
  deliver(): void {
    if (this.decisions === 0 && this.#queued.length > 0) this.#flush();
  }

  /** Delivers an event, at once or after the decision in progress. */
  emit<Name extends BreakerEventName>(name: Name, event: BreakerEvents[Name]): void {
    this.#queued.push([name, event] as unknown as QueuedEvent);
    if (this.decisions === 0) this.#flush();
  }

  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      for (let remaining = MAX_EVENTS_PER_FLUSH; this.#dispatched < this.#queued.length; remaining--) {
        if (remaining === 0) {
          const dropped = this.#queued.length - this.#dispatched;
          this.#onFault('listeners call the breaker without end', new Error(`${dropped} events were dropped`));
          break;
        }
        this.#dispatch(this.#queued[this.#dispatched++] as QueuedEvent);
      }
      this.#queued = [];
      this.#dispatched = 0;
    } finally {
      // After a stack overflow the remaining events wait for the next delivery.
      this.#flushing = false;
    }
  }

  #dispatch([name, event]: QueuedEvent): void {
    if (name === 'stateChange') this.#log(event);
    const subscriptions = this.#subscriptions[name];
    if (subscriptions !== undefined) {
      for (const subscription of subscriptions) this.#call(name, subscription, event);
    }
    if (name === 'stateChange' && !event.shadow) this.#dispatch([ENTERING[event.to], event]);
  }

  #call(name: BreakerEventName, subscription: Subscription, event: unknown): void {
    if (subscription.once) this.#removeSubscription(name, subscription);
    const onFault = (error: unknown) => this.#onFault(`a listener of '${name}' failed`, error);
    try {
      catchRejection(subscription.listener(event as never), onFault);
    } catch (error) {
      onFault(error);
    }
  }

  #removeSubscription(name: BreakerEventName, dropped: Subscription): void {
    const rest = this.#subscriptions[name]?.filter((subscription) => subscription !== dropped) ?? [];
    this.#subscriptions[name] = rest.length > 0 ? rest : undefined;
  }

  #log(event: StateChangeEvent): void {
    if (this.#logger === undefined) return;
    log(this.#logger, event.to === 'OPEN' ? 'warn' : 'info', event.message, event);
  }
}

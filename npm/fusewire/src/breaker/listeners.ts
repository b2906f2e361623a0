import { EventListeners } from '../run/event-listeners.ts';
import { ENTERING } from './events.ts';
import type { BreakerEvents, StateChangeEvent } from './events.ts';
import { log } from '../logging.ts';
import type { Logger } from '../logging.ts';

/** Listeners of a breaker, and its logger, which receives the transitions. */
export class Listeners extends EventListeners<BreakerEvents> {
  readonly #logger: Logger | undefined;

  constructor(logger: Logger | undefined, onFault: (message: string, error: unknown) => void) {
    super(onFault);
    this.#logger = logger;
  }

  /** Whether transitions have a listener or a logger. */
  get hasTransitionListener(): boolean {
    return (
      this.#logger !== undefined ||
      this.has('stateChange') ||
      this.has('open') ||
      this.has('halfOpen') ||
      this.has('close')
    );
  }

  protected override dispatch(name: keyof BreakerEvents, event: unknown): void {
    if (name !== 'stateChange') return super.dispatch(name, event);
    const change = event as StateChangeEvent;
    this.#log(change);
    super.dispatch(name, change);
    if (!change.shadow) super.dispatch(ENTERING[change.to], change);
  }

  #log(event: StateChangeEvent): void {
    if (this.#logger === undefined) return;
    log(this.#logger, event.to === 'OPEN' ? 'warn' : 'info', event.message, event);
  }
}

import type { EventEmitter } from 'node:events';
import type { CircuitState } from 'fusewire';
import { Calls } from './calls.ts';
import type { Replaceable } from './calls.ts';
import { Circuit } from './circuit.ts';
import { COUNTED } from './events.ts';
import { HealthChecks } from './health-checks.ts';
import type { Settings, State } from './options.ts';
import { shortened } from './reader.ts';
import { SafeEmitter } from './safe-emitter.ts';
import { Status } from './status.ts';

/** State behind a breaker. */
export class BreakerCore {
  readonly settings: Settings;
  readonly name: string;
  readonly group: string;
  readonly status: Status;
  readonly circuit: Circuit;
  readonly calls: Calls;
  readonly emitter: SafeEmitter;
  readonly healthChecks = new HealthChecks();
  enabled: boolean;
  isShutdown = false;
  readonly #breaker: EventEmitter;
  #isEnding = false;
  #warmUpTimer: NodeJS.Timeout | undefined;

  /** @param name of the breaker. */
  constructor(breaker: EventEmitter & Replaceable, settings: Settings, name: string) {
    const { state = {}, status } = settings;
    this.#breaker = breaker;
    this.settings = settings;
    this.name = name;
    this.group = settings.group ?? name;
    this.enabled = state.enabled ?? settings.enabled;
    this.status =
      status instanceof Status ? status : new Status(status === undefined ? settings : { ...settings, stats: status });
    if (settings.autoRenewAbortController) settings.abortController ??= new AbortController();
    this.emitter = new SafeEmitter(breaker, name);
    this.circuit = new Circuit({
      name: shortened(name),
      options: settings,
      onTransition: (to) => this.#onTransition(to),
    });
    this.calls = new Calls({
      breaker,
      options: settings,
      status: this.status,
      circuit: this.circuit,
      emitter: this.emitter,
    });
    for (const [event, count] of COUNTED) breaker.on(event, count(this.status));
  }

  /** Whether the circuit is in this state. No state is that of a breaker after its shutdown. */
  is(state: CircuitState): boolean {
    return !this.isShutdown && this.circuit.state === state;
  }

  /** Starts the warm-up if the options ask for it, and brings the circuit into the state of the option `state`. */
  start(): void {
    const { state = {}, allowWarmUp } = this.settings;
    if (state.warmUp === true || allowWarmUp) this.#startWarmUp();
    this.#restore(state);
  }

  /** Ends the breaker: its timers, its listeners and its caches. */
  shutdown(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.emitter.emit('shutdown');
    this.isShutdown = true;
    this.enabled = false;
    clearTimeout(this.#warmUpTimer);
    this.calls.warmUp = false;
    this.healthChecks.stop();
    this.circuit.end();
    this.status.shutdown();
    this.calls.results.flush();
    this.#breaker.removeAllListeners();
  }

  /** Replaces the controller if it has aborted and `autoRenewAbortController` is set. */
  renewAbortController(): void {
    const { settings } = this;
    if (settings.autoRenewAbortController && settings.abortController?.signal.aborted === true) {
      settings.abortController = new AbortController();
    }
  }

  #startWarmUp(): void {
    this.calls.warmUp = true;
    this.#warmUpTimer = setTimeout(() => (this.calls.warmUp = false), this.settings.rollingCountTimeout);
    this.#warmUpTimer.unref?.();
  }

  #restore({ shutdown, closed, open, halfOpen, lastTimerAt }: Partial<State>): void {
    if (shutdown === true) return this.shutdown();
    if (closed === true) return;
    if (halfOpen === true) return this.circuit.halfOpen();
    if (open !== true && closed !== false) return;
    const { resetTimeout } = this.settings;
    const elapsed = typeof lastTimerAt === 'number' ? Math.max(0, Date.now() - lastTimerAt) : 0;
    if (elapsed >= resetTimeout && resetTimeout > 0) this.circuit.halfOpen();
    else this.circuit.open(resetTimeout - elapsed || undefined);
  }

  #onTransition(state: CircuitState): void {
    if (state === 'OPEN') return this.emitter.emit('open');
    this.renewAbortController();
    if (state === 'CLOSED') this.emitter.emit('close');
    else this.emitter.emit('halfOpen', this.settings.resetTimeout);
  }
}

import { BreakerRegistry } from 'fusewire';
import type { BreakerRegistryOptions, CircuitBreaker } from 'fusewire';
import { manualClock } from '@fusewire/testing';
import type { ManualClock } from '@fusewire/testing';
import { alerts } from '@fusewire/operations/alerts';
import type { AlertNotification, AlertRule, Alerts, AlertsOptions, Notifier } from '@fusewire/operations/alerts';

/** A Tuesday, 10:00 in UTC. */
export const START = Date.UTC(2026, 11, 1, 10);

/** Alerts on a clock that stands still, which is also the time of day. */
export interface Setup {
  readonly clock: ManualClock;
  readonly registry: BreakerRegistry;
  readonly watcher: Alerts;
  /** Notifications that the notifier `received` got. */
  readonly received: AlertNotification[];
  /** Statuses of the received notifications with the names of the breakers: `firing mpesa`. */
  readonly log: () => string[];
}

/** Returns alerts that watch a registry, with one notifier that keeps what it gets. */
export function setup(options: AlertsOptions = {}, registryOptions: BreakerRegistryOptions = {}): Setup {
  const clock = manualClock(START);
  const registry = new BreakerRegistry({
    ...registryOptions,
    defaults: { clock, consecutiveFailureThreshold: 3, resetTimeout: 30_000, ...registryOptions.defaults },
  });
  const received: AlertNotification[] = [];
  const notifier: Notifier = { name: 'received', deliver: (notification) => received.push(notification) };
  const watcher = alerts({
    name: 'test',
    clock,
    timeOfDay: clock,
    ...options,
    notifiers: [notifier, ...(options.notifiers ?? [])],
  });
  watcher.watch(registry);
  return { clock, registry, watcher, received, log: () => received.map(lineOf) };
}

function lineOf({ status, firing, resolved }: AlertNotification): string {
  const names = [...(status === 'resolved' ? resolved : firing)].map(({ breaker }) => breaker);
  return [status, ...names].join(' ');
}

/** Makes calls that fail. */
export async function fail(breaker: CircuitBreaker, count: number, error: unknown = new Error('down')): Promise<void> {
  for (let call = 0; call < count; call++) await breaker.execute(() => Promise.reject(error)).catch(() => undefined);
}

/** Makes calls that succeed. */
export async function succeed(breaker: CircuitBreaker, count: number): Promise<void> {
  for (let call = 0; call < count; call++) await breaker.execute(() => 'ok');
}

/** Makes a call that takes some time of the clock. */
export async function take(breaker: CircuitBreaker, clock: ManualClock, duration: number): Promise<void> {
  const call = breaker.execute(() => new Promise<void>((resolve) => void clock.setTimer(resolve, duration)));
  await clock.advanceAsync(duration);
  await call;
}

/** Opens the circuit by failures, and lets the alerts notice. */
export async function open(breaker: CircuitBreaker, clock: ManualClock, error?: unknown): Promise<void> {
  await fail(breaker, 3, error);
  await clock.advanceAsync(1_000);
}

/** Lets a circuit recover, and the alerts notice. */
export async function recover(breaker: CircuitBreaker, clock: ManualClock): Promise<void> {
  await clock.advanceAsync(30_000);
  for (let call = 0; call < 10 && breaker.state !== 'CLOSED'; call++) await breaker.execute(() => 'ok');
  await clock.advanceAsync(1_000);
}

/** Returns a rule that holds while `broken` has the name of the breaker. */
export function brokenRule(broken: ReadonlySet<string>, options: Partial<AlertRule> = {}): AlertRule {
  return { name: 'broken', when: ({ breaker }) => broken.has(breaker), ...options };
}

/** Returns alerts with that rule, and breakers named a, b and c. */
export function brokenSetup(rule: Partial<AlertRule> = {}, options: AlertsOptions = {}) {
  const broken = new Set<string>();
  const all = setup({ rules: [brokenRule(broken, rule)], ...options });
  for (const name of ['a', 'b', 'c']) all.registry.create(name);
  return { ...all, broken };
}

/** Logger that writes nothing. */
export const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

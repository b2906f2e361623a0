import { CircuitBreaker } from '@fusewire/dialects/nerdgraph';
import type { CircuitBreakerConfig } from '@fusewire/dialects/nerdgraph';
import { afterEach, expect, it, vi } from 'vitest';
import { repaired } from './repaired';

const PROGRAMS = 1_000;
const STEPS = 60;
const EVENTS = ['circuitOpened', 'circuitClosed', 'callRejected', 'success', 'failure', 'reset'] as const;

interface Call {
  readonly kind: 'succeed' | 'fail';
  readonly after: number;
}

type Step =
  | Call
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'burst'; readonly calls: readonly Call[] }
  | { readonly kind: 'wait'; readonly span: number };

/** Returns a generator of numbers from 0 to 1 (mulberry32): the same ones for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function programOf(seed: number): { config: CircuitBreakerConfig; steps: Step[] } {
  const next = random(seed);
  const upTo = (most: number) => 1 + Math.floor(next() * most);
  const config = {
    name: `program-${seed}`,
    failureThreshold: upTo(4),
    successThreshold: upTo(3),
    timeout: 100 * upTo(10),
    retryDelay: 100 * upTo(20),
    monitoringWindow: 100 * upTo(50),
  };
  const health = next();
  const call = (): Call => {
    // Shorter than the open time, so that the circuit is still open when a late call settles.
    const after = next() < 0.5 ? 0 : Math.floor(next() * (Math.min(config.timeout, config.retryDelay) - 1));
    return { kind: next() < health ? 'succeed' : 'fail', after };
  };
  const steps = Array.from({ length: STEPS }, (): Step => {
    const dice = next();
    if (dice < 0.02) return { kind: 'reset' };
    if (dice < 0.2) return { kind: 'wait', span: Math.floor(next() * 1.5 * config.retryDelay) };
    if (dice < 0.25) return { kind: 'wait', span: config.retryDelay };
    if (dice < 0.3) return { kind: 'hang' };
    if (dice < 0.4) return { kind: 'burst', calls: Array.from({ length: upTo(6) }, call) };
    return call();
  });
  return { config, steps };
}

/** Methods that both classes have. */
interface Breaker {
  on(event: string, listener: (event?: { error?: Error }) => void): unknown;
  execute(fn: () => Promise<unknown>): Promise<unknown>;
  getStats(): { state: string };
  reset(): void;
}

/** Runs a program. Returns the outcomes of the calls, the events, the stats and the lines of the log. */
async function traceOf(
  create: (config: CircuitBreakerConfig, logger: Console) => Breaker,
  { config, steps }: ReturnType<typeof programOf>,
): Promise<unknown[]> {
  vi.useFakeTimers({ now: 0 });
  const trace: unknown[] = [];
  // In two lists, because the printed class logs the timeout of a probe before the opening, and the dialect after it.
  const calls: string[] = [];
  const transitions: string[] = [];
  const log = (line: string) => void (line.includes(' call ') ? calls : transitions).push(line);
  const breaker = create(config, { debug: log, info: log, warn: log, error: log } as unknown as Console);
  for (const name of EVENTS) {
    breaker.on(name, (event) => trace.push([name, event?.error ? { ...event, error: event.error.message } : event]));
  }
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'reset') breaker.reset();
    else if (step.kind === 'wait') await vi.advanceTimersByTimeAsync(step.span);
    else if (step.kind === 'burst') {
      // While half-open, the printed class admits all of them.
      const calls = breaker.getStats().state === 'HALF_OPEN' ? step.calls.slice(0, 1) : step.calls;
      const settled = Promise.all(calls.map((call) => outcomeOf(breaker.execute(() => workOf(call, index)))));
      await vi.advanceTimersByTimeAsync(Math.max(...calls.map(({ after }) => after)));
      trace.push(...(await settled));
    } else {
      const settled = outcomeOf(breaker.execute(() => workOf(step, index)));
      await vi.advanceTimersByTimeAsync('after' in step ? step.after : config.timeout);
      trace.push(await settled);
    }
    trace.push(breaker.getStats());
  }
  vi.useRealTimers();
  return [...trace, ...calls, ...transitions];
}

function outcomeOf(call: Promise<unknown>): Promise<unknown[]> {
  return call.then(
    (value) => ['resolved', value],
    (error: Error) => ['rejected', error.message],
  );
}

function workOf(step: Call | { readonly kind: 'hang' }, index: number): Promise<unknown> {
  if (step.kind === 'hang') return new Promise(() => undefined);
  const { kind, after } = step;
  const settle = () => (kind === 'succeed' ? Promise.resolve(index) : Promise.reject(new Error(`failure ${index}`)));
  return after === 0 ? settle() : new Promise((resolve) => setTimeout(resolve, after)).then(settle);
}

afterEach(() => vi.useRealTimers());

it(`agrees with the repaired printed class over ${PROGRAMS} programs of ${STEPS} steps`, async () => {
  const seen = new Map<unknown, number>();
  for (let seed = 1; seed <= PROGRAMS; seed++) {
    const program = programOf(seed);
    const ours = await traceOf((config, logger) => new CircuitBreaker(config, logger), program);
    const theirs = await traceOf((config, logger) => repaired(config, logger) as Breaker, program);
    expect(ours, `seed ${seed}`).toEqual(theirs.map(rounded));
    for (const entry of ours) if (Array.isArray(entry)) seen.set(entry[0], (seen.get(entry[0]) ?? 0) + 1);
  }
  for (const name of EVENTS) expect(seen.get(name), name).toBeGreaterThan(100);
});

/** Compares the average with a tolerance, because the classes sum in another order. */
function rounded(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || !('averageResponseTime' in entry)) return entry;
  return { ...entry, averageResponseTime: expect.closeTo(entry.averageResponseTime as number, 6) };
}

import { CircuitBreaker } from '@fusewire/dialects/nerdgraph';
import type { CircuitBreakerConfig } from '@fusewire/dialects/nerdgraph';
import { afterEach, expect, it, vi } from 'vitest';
import { mended } from './mended';

const PROGRAMS = 1_000;
const STEPS = 60;
const EVENTS = ['circuitOpened', 'circuitClosed', 'callRejected', 'success', 'failure', 'reset'] as const;

type Step =
  | { readonly kind: 'succeed' | 'fail'; readonly after: number }
  | { readonly kind: 'hang' | 'reset' }
  | { readonly kind: 'wait'; readonly span: number };

/** Numbers from 0 to 1, the same each time (mulberry32). */
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
  const steps = Array.from({ length: STEPS }, (): Step => {
    const dice = next();
    if (dice < 0.02) return { kind: 'reset' };
    if (dice < 0.2) return { kind: 'wait', span: Math.floor(next() * 1.5 * config.retryDelay) };
    if (dice < 0.25) return { kind: 'wait', span: config.retryDelay };
    if (dice < 0.3) return { kind: 'hang' };
    const after = next() < 0.5 ? 0 : Math.floor(next() * (config.timeout - 1));
    return { kind: next() < health ? 'succeed' : 'fail', after };
  });
  return { config, steps };
}

interface Driven {
  on(event: string, listener: (event?: { error?: Error }) => void): unknown;
  execute(fn: () => Promise<unknown>): Promise<unknown>;
  getStats(): object;
  reset(): void;
}

/** Everything that can be seen of a program: what calls come to, events, lines of the log, stats. */
async function traceOf(
  Make: (config: CircuitBreakerConfig, logger: Console) => Driven,
  { config, steps }: ReturnType<typeof programOf>,
): Promise<unknown[]> {
  vi.useFakeTimers({ now: 0 });
  const trace: unknown[] = [];
  // Two rows: a probe that times out is written before the opening there, and after it here.
  const calls: string[] = [];
  const moves: string[] = [];
  const log = (line: string) => void (line.includes(' call ') ? calls : moves).push(line);
  const breaker = Make(config, { debug: log, info: log, warn: log, error: log } as unknown as Console);
  for (const name of EVENTS) {
    breaker.on(name, (event) => trace.push([name, event?.error ? { ...event, error: event.error.message } : event]));
  }
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'reset') breaker.reset();
    else if (step.kind === 'wait') await vi.advanceTimersByTimeAsync(step.span);
    else {
      const settled = breaker
        .execute(() => workOf(step, index))
        .then(
          (value) => ['resolved', value],
          (error: Error) => ['rejected', error.message],
        );
      await vi.advanceTimersByTimeAsync('after' in step ? step.after : config.timeout);
      trace.push(await settled);
    }
    trace.push(breaker.getStats());
  }
  vi.useRealTimers();
  return [...trace, ...calls, ...moves];
}

function workOf(step: Step, index: number): Promise<unknown> {
  if (step.kind === 'hang') return new Promise(() => undefined);
  const { kind, after } = step as { kind: 'succeed' | 'fail'; after: number };
  const settle = () => (kind === 'succeed' ? Promise.resolve(index) : Promise.reject(new Error(`failure ${index}`)));
  return after === 0 ? settle() : new Promise((resolve) => setTimeout(resolve, after)).then(settle);
}

afterEach(() => vi.useRealTimers());

it(`agrees with the printed class, mended, over ${PROGRAMS} programs of ${STEPS} steps`, async () => {
  const seen = new Map<unknown, number>();
  for (let seed = 1; seed <= PROGRAMS; seed++) {
    const program = programOf(seed);
    const ours = await traceOf((config, logger) => new CircuitBreaker(config, logger), program);
    const theirs = await traceOf((config, logger) => mended(config, logger) as Driven, program);
    expect(ours, `seed ${seed}`).toEqual(theirs.map(rounded));
    for (const entry of ours) if (Array.isArray(entry)) seen.set(entry[0], (seen.get(entry[0]) ?? 0) + 1);
  }
  for (const name of EVENTS) expect(seen.get(name), name).toBeGreaterThan(100);
});

/** The two add up in another order. */
function rounded(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || !('averageResponseTime' in entry)) return entry;
  return { ...entry, averageResponseTime: expect.closeTo(entry.averageResponseTime as number, 6) };
}

import { CircuitBreaker } from 'fusewire';

export const succeed = () => Promise.resolve('done');
export const fail = () => Promise.reject(new Error('it failed'));

/** Returns the value of each series of some text. */
export function seriesIn(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.includes('{') ? line.lastIndexOf('}') + 1 : line.indexOf(' ');
      return [line.slice(0, end), Number(line.slice(end))];
    }),
  );
}

/** Runs works one after another, and ignores how they end. */
export async function run(
  runner: { execute(work: () => Promise<unknown>): Promise<unknown> },
  ...works: readonly (() => Promise<unknown>)[]
): Promise<void> {
  for (const work of works) await runner.execute(work).catch(() => undefined);
}

/** Returns a breaker that opens at the second failure. */
export function openingBreaker(name = 'payments'): CircuitBreaker {
  return new CircuitBreaker({ name, failureThreshold: 2 });
}

/** Comparison of the engines with the model and with one another. */
import { engines } from '../conformance/engines.ts';
import type { Expected, Reading } from './model.ts';
import { play, READINGS } from './play.ts';

/** Runs a case over each engine. Returns the number of operations. Throws if an engine differs from the model. */
export function compare(expected: Expected, names: readonly string[]): number {
  const { actions } = expected;
  const actual = new Float64Array(actions.length * READINGS);
  let isFirst = true;
  for (const [engineName, engine] of engines) {
    const wanted: Reading[] = [];
    let made = 0;
    const differs = (what: string, number: unknown, other: unknown) =>
      new Error(`${engineName}, operation ${made + 1}: ${what} is ${String(number)}, not ${JSON.stringify(other)}`);
    play(engine, expected.case, (admission, word, readings) => {
      const action = actions[made];
      if (action === undefined) throw differs('there', 'an operation', 'one');
      if (admission !== action.admission) throw differs('admission', admission, action.admission);
      if (word !== action.word) throw differs('word', word, action.word);
      for (const [place, reading] of action.changed) wanted[place] = reading;
      const row = made * READINGS;
      for (let place = 0; place < READINGS; place++) {
        const [number, reading] = [readings[place] as number, wanted[place] as Reading];
        const name = names[place] as string;
        if (!allows(reading, number)) throw differs(name, number, reading);
        if (isFirst) actual[row + place] = number;
        else if (!Object.is(number, actual[row + place])) throw differs(name, number, actual[row + place]);
      }
      made++;
    });
    if (made !== actions.length) throw differs('the last operation', made, actions.length);
    isFirst = false;
  }
  return actions.length;
}

function allows(wanted: Reading, actual: number): boolean {
  if (typeof wanted === 'number') return Object.is(actual, wanted);
  if (wanted === null) return Number.isNaN(actual);
  if (wanted === '$Infinity') return actual === Infinity;
  return wanted[0] <= actual && actual <= wanted[1];
}

/** The vectors and what the core made of them; lib/bundle.ts puts both in. */
import type { Engine } from '../../conformance/engines.ts';
import { runCase, type Vector } from '../../conformance/vector.ts';
import { equal } from './expect.ts';

declare const VECTORS: Readonly<Record<string, Vector>>;
declare const DIGESTS: Readonly<Record<string, string>>;

/** One run for each case that the core ran. */
export function* runVectors(engine: Engine): Iterable<[name: string, run: () => void]> {
  for (const [vectorName, vector] of Object.entries(VECTORS)) {
    for (const vectorCase of vector.cases) {
      const name = `${vectorName}: ${vectorCase.name}`;
      yield [name, () => equal(runCase(engine, vectorCase), DIGESTS[name])];
    }
  }
}

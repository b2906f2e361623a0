/** Orders of layers that a pipeline refuses, read from the errors of `pipeline()` itself. */
import * as fusewire from 'fusewire';
import type { PipelineLayer } from 'fusewire';

/** Returns one layer of each kind, by the name of its kind. */
export function layers(): Readonly<Record<string, PipelineLayer>> {
  return {
    fallback: fusewire.fallback(() => 0),
    cache: fusewire.cache(),
    shedLoad: fusewire.shedLoad(),
    retry: fusewire.retry(),
    hedge: fusewire.hedge({ idempotent: true }),
    breaker: new fusewire.CircuitBreaker(),
    rateLimit: fusewire.rateLimit({ limit: 1 }),
    adaptiveBulkhead: fusewire.adaptiveBulkhead(),
    bulkhead: fusewire.bulkhead(),
  };
}

/** Returns every pair of layers that a pipeline refuses, with the reason. */
export function refusedPairs(): { outer: string; inner: string; reason: string }[] {
  const pairs = Object.keys(layers()).flatMap((outer) => Object.keys(layers()).map((inner) => ({ outer, inner })));
  return pairs.flatMap(({ outer, inner }) => {
    const layer = layers()[outer] as PipelineLayer;
    const reason = reasonAgainst(layer, layers()[inner] as PipelineLayer);
    return reason === undefined ? [] : [{ outer, inner, reason }];
  });
}

function reasonAgainst(outer: PipelineLayer, inner: PipelineLayer): string | undefined {
  try {
    fusewire.pipeline([outer, inner]);
    return undefined;
  } catch (error) {
    if (!(error instanceof fusewire.OptionsError)) throw error;
    return error.problems[0]?.expected.replace(/^elsewhere: /, '');
  }
}

/** Returns the table of the refused pairs. */
export function refusedOrders(): string {
  const rows = refusedPairs().map(({ outer, inner, reason }) => `| \`${outer}\` | \`${inner}\` | ${reason} |`);
  return ['| Around | this | is refused, because |', '|---|---|---|', ...rows].join('\n');
}

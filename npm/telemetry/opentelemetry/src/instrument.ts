import { BreakerWatch } from 'fusewire/kit';
import { BreakerInstruments } from './breaker-instruments.ts';
import { readInstrumentOptions } from './options.ts';
import type { InstrumentOptions } from './options.ts';
import { countActions } from './policy-actions.ts';
import { annotateSpans } from './spans.ts';

const SCOPE = '@fusewire/opentelemetry';

/**
 * Records metrics of breakers and pipelines with the meter of OpenTelemetry, and writes transitions and rejections to the
 * active span.
 *
 * ```ts
 * import * as api from '@opentelemetry/api';
 *
 * const stop = instrument({ api, sources: [breakers] });
 * ```
 *
 * @returns a function that ends it.
 * @throws {OptionsError} with every invalid option.
 */
export function instrument(options: InstrumentOptions): () => void {
  const { api, sources, durations, spans } = readInstrumentOptions(options);
  const meter = api.metrics.getMeter(SCOPE);
  const instruments = new BreakerInstruments(meter, durations);
  const countActionsOf = countActions(meter);
  const watch = new BreakerWatch((breaker) => {
    const ends = [instruments.watch(breaker), ...(spans ? [annotateSpans(breaker, api)] : [])];
    return () => ends.forEach((end) => end());
  });
  for (const source of sources) watch.add(source);
  const pipelines = sources.flatMap((source) => ('breaker' in source ? [countActionsOf(source)] : []));
  return () => {
    watch.close();
    instruments.end();
    for (const end of pipelines) end();
  };
}

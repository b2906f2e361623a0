import { adaptive } from 'fusewire/adaptive';

/**
 * Predicts from the trends of failures that a circuit is going to open. In the mode `'enforce'` the circuit opens then, before
 * the threshold is reached; in `'shadow'` the prediction is only logged and recorded, so that you can see whether it comes true.
 */
export function watchTrends(engines, mode, logger) {
  const watched = [...engines].map(([service, engine]) => {
    engine.on('prediction', ({ message }) => logger.warn(`Circuit breaker ${service}: ${message}`));
    return [service, adaptive(engine, { prediction: { mode } })];
  });
  return {
    /** Returns the predictions of each service: how many, how many came true, and the time gained. */
    stats: () => Object.fromEntries(watched.map(([service, trend]) => [service, trend.getStats().prediction])),
    stop() {
      for (const [, trend] of watched) trend.stop();
    },
  };
}

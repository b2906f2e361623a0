import { readOptions } from 'fusewire/kit';
import { ContainerModule, decorate, inject, injectable } from 'inversify';
import { CircuitBreakerFactory, CircuitBreakerMonitor } from '../nerdgraph.ts';
import type { Logger, MetricStreamer } from '../nerdgraph.ts';

/** Identifiers of the services: those of the document, and those of the two that the program binds itself. */
export const TYPES = {
  Logger: Symbol.for('Logger'),
  MetricStreamer: Symbol.for('MetricStreamer'),
  CircuitBreakerFactory: Symbol.for('CircuitBreakerFactory'),
  CircuitBreakerMonitor: Symbol.for('CircuitBreakerMonitor'),
} as const;

// So the bindings of the document work, too: `.to(CircuitBreakerFactory)`.
decorate(injectable(), CircuitBreakerFactory);
decorate(inject(TYPES.Logger), CircuitBreakerFactory, 0);
decorate(injectable(), CircuitBreakerMonitor);
decorate(inject(TYPES.CircuitBreakerFactory), CircuitBreakerMonitor, 0);
decorate(inject(TYPES.MetricStreamer), CircuitBreakerMonitor, 1);

/** Identifiers of the services that the program binds, if they are others than those of {@link TYPES}. */
export interface CircuitBreakerModuleOptions {
  /** Identifier of the logger. Default `TYPES.Logger`. */
  readonly logger?: symbol | string | undefined;
  /** Identifier of the streamer of metrics. Default `TYPES.MetricStreamer`. */
  readonly metricStreamer?: symbol | string | undefined;
}

/**
 * Returns a module that binds one factory and one monitor, under the identifiers of {@link TYPES}. The program binds a logger
 * and, if it gets the monitor, a streamer of metrics. When the module is unloaded, the monitor stops.
 *
 * ```ts
 * container.load(circuitBreakerModule());
 * ```
 *
 * @throws {OptionsError} with every invalid option.
 */
export function circuitBreakerModule(options: CircuitBreakerModuleOptions = {}): ContainerModule {
  const reader = readOptions('Inversify module', 'nerdgraph', options);
  const identifier = (name: keyof CircuitBreakerModuleOptions, standard: symbol) => {
    const value = reader.value(name) ?? standard;
    if (typeof value !== 'symbol' && typeof value !== 'string') reader.report(name, 'type', 'a symbol or a string');
    return value as symbol;
  };
  const logger = identifier('logger', TYPES.Logger);
  const metricStreamer = identifier('metricStreamer', TYPES.MetricStreamer);
  reader.finish();
  return new ContainerModule(({ bind, onDeactivation }) => {
    bind<CircuitBreakerFactory>(TYPES.CircuitBreakerFactory)
      .toDynamicValue((context) => new CircuitBreakerFactory(context.get<Logger>(logger)))
      .inSingletonScope();
    bind<CircuitBreakerMonitor>(TYPES.CircuitBreakerMonitor)
      .toDynamicValue((context) => {
        const factory = context.get<CircuitBreakerFactory>(TYPES.CircuitBreakerFactory);
        return new CircuitBreakerMonitor(factory, context.get<MetricStreamer>(metricStreamer));
      })
      .inSingletonScope();
    onDeactivation<CircuitBreakerMonitor>(TYPES.CircuitBreakerMonitor, (monitor) => monitor.stopMonitoring());
  });
}

export { instrument } from './instrument.ts';

export type { InstrumentOptions, TelemetrySource } from './options.ts';
export type { TelemetryApi } from './telemetry-api.ts';

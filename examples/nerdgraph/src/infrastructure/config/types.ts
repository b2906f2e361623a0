import { TYPES as CIRCUIT_BREAKERS } from '@fusewire/dialects/nerdgraph/inversify';

/** Identifiers of the services. Those of the logger, the streamer of metrics, the factory and the monitor are ready-made. */
export const TYPES = {
  ...CIRCUIT_BREAKERS,
  Settings: Symbol.for('Settings'),
  EntityQueue: Symbol.for('EntityQueue'),
  NerdGraphClient: Symbol.for('NerdGraphClient'),
  EntityStreamer: Symbol.for('EntityStreamer'),
  Platform: Symbol.for('Platform'),
} as const;

import { TYPES as ADDED } from '../../fixtures/nerdgraph/src/infrastructure/config/types';

/** Identifiers that the document leaves out ("... existing types"), and those that it adds. */
export const TYPES = {
  Logger: Symbol.for('Logger'),
  MetricStreamer: Symbol.for('MetricStreamer'),
  ...ADDED,
};

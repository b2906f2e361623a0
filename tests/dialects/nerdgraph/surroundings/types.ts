import { TYPES as ADDED } from '../../fixtures/nerdgraph/src/infrastructure/config/types';

/** What the document leaves out ("... existing types"), and what it adds. */
export const TYPES = {
  Logger: Symbol.for('Logger'),
  MetricStreamer: Symbol.for('MetricStreamer'),
  ...ADDED,
};

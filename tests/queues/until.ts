export { until } from '../../npm/testing/src/queue/until.ts';

import { isText } from '../fields.ts';
import { RequestProblem } from '../problem.ts';
import type { Metrics } from '../program-parts.ts';
import type { Operation } from './operation.ts';

const metrics: Operation = {
  access: 'read',
  summary: 'Return the metrics as text, such as for Prometheus.',
  needs: 'metrics',
  fields: {},
  result: 'Text',
  async run(services, _input, { request }) {
    const render = services.metrics as Metrics;
    const accept = request.headers.get('accept') ?? '';
    const text = await services.guarded('metrics', () => render({ accept }));
    const { contentType, body } =
      typeof text === 'string' ? { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: text } : text;
    if (typeof body !== 'string' || !isText(contentType, 1, 200))
      throw new RequestProblem('dependency', 'metrics has returned no text');
    return { body, contentType };
  },
};

/** Operations on metrics. */
export const metricsOperations = { metrics } as const;

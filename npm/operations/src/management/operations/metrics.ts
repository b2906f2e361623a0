import { isText } from '../fields.ts';
import { RequestProblem } from '../problem.ts';
import type { Operation } from './operation.ts';

/** Metrics as text, with their content type. A string alone is in the format of Prometheus 0.0.4. */
export type MetricsText = string | { readonly contentType: string; readonly body: string };

/** Function that renders the metrics. `accept` is the header of the scrape, or `''`. */
export type Metrics = (scrape: { readonly accept: string }) => MetricsText | Promise<MetricsText>;

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

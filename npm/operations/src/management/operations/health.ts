import type { BreakerStats } from 'fusewire';
import type { HealthReport } from '../../health/health.ts';
import { usableBreakers } from '../../sources.ts';
import { statsOf } from './breakers.ts';
import type { Operation } from './operation.ts';

/** Health, with the stats of the breakers if detailed. */
export interface DetailedHealth extends HealthReport {
  readonly stats?: Readonly<Record<string, BreakerStats>>;
}

const health: Operation = {
  access: 'read',
  summary: 'Return the health of the breakers, queues and checks. The status code is 200 whatever the health is.',
  fields: { detailed: { in: 'query', type: 'boolean', description: 'Whether the stats of the breakers are added.' } },
  result: 'Health',
  async run(services, { detailed }) {
    const report = await services.health.read();
    if (detailed !== true) return { body: report };
    const stats = Object.fromEntries(usableBreakers(services.source).map(([name, its]) => [name, statsOf(its)]));
    return { body: { ...report, stats } satisfies DetailedHealth };
  },
};

const live: Operation = {
  access: 'probe',
  summary: 'Answer the liveness probe. An open circuit does not fail it.',
  fields: {},
  result: 'Probe',
  statuses: [503],
  async run(services) {
    const body = await services.health.live();
    return { body, status: body.status === 'ok' ? 200 : 503 };
  },
};

const ready: Operation = {
  access: 'probe',
  summary: 'Answer the readiness probe. Only the parts of `readyRequires` can fail it.',
  fields: {},
  result: 'Probe',
  statuses: [503],
  async run(services) {
    const body = await services.health.ready();
    return { body, status: body.status === 'ok' ? 200 : 503 };
  },
};

/** Operations on the health of the program. */
export const healthOperations = { health, live, ready } as const;

import type { Operation } from './operation.ts';

const health: Operation = {
  access: 'read',
  summary: 'Return the health of the breakers, queues and checks. The status code is 200 whatever the health is.',
  fields: {},
  result: 'Health',
  async run(services) {
    return { body: await services.health.read() };
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

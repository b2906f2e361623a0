import Fastify from 'fastify';
import { disconnectSignal, fusewire } from '@fusewire/fastify';
import { contractProgram, serverContract } from '@fusewire/testing/server';

serverContract({
  name: 'Fastify 5',
  async start(basePath) {
    const program = contractProgram();
    const { registry, authorize, readsPerMinute, logger } = program.management;
    const app = Fastify();
    const management = { path: basePath, authorize, readsPerMinute, logger } as const;
    await app.register(fusewire, { registry, management });
    app.get<{ Params: { kind: string } }>('/work/:kind', ({ params }, reply) =>
      program.work(params.kind, disconnectSignal(reply.raw)),
    );
    app.get('/report', () => program.report());
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },
});

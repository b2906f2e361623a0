import { management, nodeListener } from '@fusewire/operations/management';
import type { FastifyInstance } from 'fastify';
import type { BreakerRegistry } from 'fusewire';
import type { PluginManagement } from './options.ts';

/** Mounts the management API. Its streams end before Fastify waits for its connections. */
export async function mountManagement(
  app: FastifyInstance,
  breakers: BreakerRegistry,
  { path = '', registry = breakers, ...options }: PluginManagement,
): Promise<void> {
  const handler = management({ ...options, registry, basePath: `${app.prefix}${path}` });
  const listener = nodeListener(handler);
  await app.register(async (scope) => {
    // The management API reads bodies itself, with its own limits.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.all(`${path}/*`, (request, reply) => {
      reply.hijack();
      listener(request.raw, reply.raw);
    });
  });
  app.addHook('preClose', () => handler.close());
}

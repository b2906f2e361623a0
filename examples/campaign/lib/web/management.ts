import { managementRoutes, once } from '@fusewire/next';
import type { ManagementRoutes } from '@fusewire/next';
import { dashboard } from '@fusewire/operations/dashboard';
import { campaignRoutes } from '@fusewire/operations/management';
import { connection } from 'next/server';
import { guard } from './admin.ts';
import { runningProgram } from './running-program.ts';

type Method = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS';
type Routes = Pick<ManagementRoutes, Method>;

/** Endpoints of the document, under `/api`. */
export const documentedRoutes = whenRunning('documented', async () => {
  const { shared, metrics } = await partsOf();
  return managementRoutes({
    ...shared,
    basePath: '/api',
    routes: campaignRoutes({ database: 'database', n8n: 'n8n', rateLimiting: 'rateLimiting' }),
    tasks: { 'setup-circuit-breaker-tables': () => metrics.setUp() },
  });
});

/** Dashboard, metrics for Prometheus, probes of Kubernetes, alerts, queues and the audit log, under `/api/ops`. */
export const operationsRoutes = whenRunning('operations', async () => {
  const { shared, operations, queues } = await partsOf();
  const { alerts, metrics } = operations;
  return managementRoutes({
    ...shared,
    basePath: '/api/ops',
    alerts,
    metrics,
    queues,
    dashboard: dashboard(),
    publicProbes: true,
  });
});

async function partsOf() {
  const { settings, breakers, operations, queues, metrics } = await runningProgram();
  const { events, health } = operations;
  const shared = { registry: breakers, authorize: guard(settings.ADMIN_TOKEN), events, health };
  return { shared, operations, queues, metrics };
}

/** Returns handlers of routes that are created with the first request, because the program starts after the routes are read. */
function whenRunning(name: string, create: () => Promise<ManagementRoutes>): Routes {
  const handlerOf =
    (method: Method): ManagementRoutes[Method] =>
    async (...request) => {
      await connection();
      return (await once(name, create))[method](...request);
    };
  const reads = { GET: handlerOf('GET'), HEAD: handlerOf('HEAD'), OPTIONS: handlerOf('OPTIONS') };
  return { ...reads, POST: handlerOf('POST'), PATCH: handlerOf('PATCH'), DELETE: handlerOf('DELETE') };
}

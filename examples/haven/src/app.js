import express from 'express';
import { managementRouter } from '@fusewire/express';
import { dashboard } from '@fusewire/operations/dashboard';
import { havenRoutes } from '@fusewire/operations/management';
import { adminGuard, adminOnly } from './admin.js';
import { analyseFailures } from './operations/history.js';
import { errors } from './routes/errors.js';
import { messageRoutes } from './routes/messages.js';
import { paymentRoutes } from './routes/payments.js';

/** Creates the Express application. Returns it with the handlers whose streams end with the program. */
export function createApp({ settings, services, checks, database, engines, operations, tasks, logger, publicUrl }) {
  const app = express();
  app.disable('x-powered-by');
  const { payments } = database;
  const callbackSecret = settings.CALLBACK_SECRET;

  app.use('/api/v1/payments', paymentRoutes({ services, payments, publicUrl, callbackSecret }));
  app.use('/api/v1/messages', messageRoutes({ services }));

  // The health of the system, for the load balancer: the circuits are parts of it.
  app.get('/health', async (_request, response) => {
    const { status, score, parts } = await operations.health.read();
    response.status(status === 'error' ? 503 : 200).json({ status, score, parts });
  });

  const admin = adminOnly(settings.ADMIN_TOKEN);
  app.get('/api/v1/reports/failures', admin, async (_request, response) => {
    await operations.events.flush();
    response.json(analyseFailures(database.database));
  });
  app.get('/api/v1/reports/predictions', admin, (_request, response) => {
    response.json(operations.trends.stats());
  });

  const management = {
    registry: engines,
    authorize: adminGuard(settings.ADMIN_TOKEN),
    health: operations.health,
    events: operations.events,
    alerts: operations.alerts,
    metrics: operations.metrics,
    logger,
  };
  // The endpoints of the document. `test-external-services` calls every service.
  const tests = { services: checks, breaker: { failureThreshold: 3, resetTimeout: 30_000 } };
  const documented = managementRouter({ ...management, routes: havenRoutes, tests });
  // Dashboard, metrics for Prometheus, audit log and recovery procedures.
  const ops = managementRouter({ ...management, tasks, dashboard: dashboard(), publicProbes: true });
  app.use('/api/v1', documented);
  app.use('/ops', ops);
  app.use(errors(logger));
  return { app, management: [documented, ops] };
}

import { once } from 'node:events';
import { shutDown } from '@fusewire/express';
import { createApp } from './app.js';
import { configureBreakers, readConfiguration } from './configuration.js';
import { openDatabase } from './database.js';
import { startOperations } from './operations/operations.js';
import { recoveryTasks } from './operations/recovery.js';
import { checksOf, createServices } from './services/index.js';

/** Starts haven. Throws, with every problem, if a variable is missing or invalid. */
export async function startServer({
  variables,
  logger = console,
  restart = () => process.kill(process.pid, 'SIGTERM'),
}) {
  const settings = readConfiguration(variables);
  const manager = configureBreakers({ variables, logger });
  const engines = manager.engines();
  const database = openDatabase(settings.DATABASE);
  const operations = startOperations({ engines, database, settings, logger });
  const services = createServices(settings);
  const checks = checksOf(services);
  const tasks = recoveryTasks({ engines, checks, restart, logger });
  let url;
  const publicUrl = () => settings.PUBLIC_URL ?? url;
  const parts = { settings, services, checks, database, engines, operations, tasks, logger, publicUrl };
  const { app, management } = createApp(parts);
  const server = app.listen(settings.PORT, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    manager,
    operations,
    services,
    database,
    /** Ends the requests in flight, stores the events, and closes the database. */
    async close() {
      await shutDown(server, { management, grace: 5_000 });
      await operations.close();
      database.close();
    },
  };
}

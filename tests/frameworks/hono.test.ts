import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { management } from '@fusewire/operations/management';
import { refusalOf, refusalResponse } from '@fusewire/operations/server';
import { serverContract } from '@fusewire/testing/server';
import { listenerAdapter } from './server.ts';

serverContract(
  listenerAdapter('Hono', (program, basePath) => {
    const app = new Hono();
    app.onError((error, context) => {
      const refused = refusalOf(error);
      return refused === undefined ? context.json({ error: 'internal' }, 500) : refusalResponse(refused);
    });
    app.get('/work/:kind', async (context) => {
      const result = await program.work(context.req.param('kind'), context.req.raw.signal);
      return context.json(result as object);
    });
    app.get('/report', async (context) => context.json(await program.report()));
    const handler = management({ ...program.management, basePath });
    app.all(`${basePath}/*`, (context) => handler(context.req.raw, context));
    return { listener: getRequestListener(app.fetch), management: [handler] };
  }),
);

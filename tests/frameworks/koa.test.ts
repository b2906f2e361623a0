import Koa from 'koa';
import { management, nodeListener } from '@fusewire/operations/management';
import { disconnectSignal, refusalOf } from '@fusewire/operations/server';
import { serverContract } from '@fusewire/testing/server';
import { listenerAdapter } from './server.ts';

serverContract(
  listenerAdapter('Koa', (program, basePath) => {
    const app = new Koa();
    app.silent = true;
    app.use(async (context, next) => {
      try {
        await next();
      } catch (error) {
        const refused = refusalOf(error);
        if (refused === undefined) throw error;
        context.status = refused.status;
        context.body = refused.document;
        context.set(refused.headers);
      }
    });
    app.use(async (context, next) => {
      const [, route, kind = ''] = context.path.split('/');
      if (route === 'report') context.body = await program.report();
      else if (route === 'work') context.body = await program.work(kind, disconnectSignal(context.res));
      else await next();
    });
    const handler = management({ ...program.management, basePath });
    const listener = nodeListener(handler);
    app.use((context) => {
      context.respond = false;
      listener(context.req, context.res);
    });
    return { listener: app.callback(), management: [handler] };
  }),
);

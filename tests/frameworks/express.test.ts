import express from 'express';
import express4 from 'express-4';
import { disconnectSignal, managementRouter, refusals } from '@fusewire/express';
import { serverContract } from '@fusewire/testing/server';
import { listenerAdapter } from './server.ts';

serverContract(
  listenerAdapter('Express 5', (program, basePath) => {
    const app = express();
    app.use(express.json());
    app.get('/work/:kind', async (request, response) => {
      response.json(await program.work(request.params.kind, disconnectSignal(response)));
    });
    app.get('/report', async (_request, response) => {
      response.json(await program.report());
    });
    const management = managementRouter(program.management);
    app.use(basePath || '/', management);
    app.use(refusals());
    return { listener: app, management: [management] };
  }),
);

serverContract(
  listenerAdapter('Express 4', (program, basePath) => {
    const app = express4();
    app.get('/work/:kind', (request, response, next) => {
      const work = program.work(request.params.kind, disconnectSignal(response));
      work.then((result) => response.json(result)).catch(next);
    });
    app.get('/report', (_request, response, next) => {
      program.report().then((report) => response.json(report), next);
    });
    const management = managementRouter(program.management);
    app.use(basePath || '/', management);
    app.use(refusals());
    return { listener: app, management: [management] };
  }),
);

import { H3, toNodeHandler } from 'h3/node';
import { management } from '@fusewire/operations/management';
import { refusalOf, refusalResponse } from '@fusewire/operations/server';
import { serverContract } from '@fusewire/testing/server';
import { listenerAdapter } from './server.ts';

serverContract(
  listenerAdapter('h3', (program, basePath) => {
    const app = new H3({
      silent: true,
      onError: (error) => {
        const refused = refusalOf(error.cause);
        return refused && refusalResponse(refused);
      },
    });
    app.get('/work/:kind', ({ context, req }) => program.work(context.params?.['kind'] ?? '', req.signal));
    app.get('/report', () => program.report());
    const handler = management({ ...program.management, basePath });
    app.all(`${basePath}/**`, ({ req }) => handler(req));
    return { listener: toNodeHandler(app), management: [handler] };
  }),
);

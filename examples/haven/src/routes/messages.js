import express from 'express';
import { disconnectSignal } from '@fusewire/express';

/** Routes of messages to tenants: `POST /sms`, `/whatsapp` and `/email`. */
export function messageRoutes({ services }) {
  const router = express.Router();
  router.use(express.json());
  for (const name of ['sms', 'whatsapp', 'email']) {
    router.post(`/${name}`, async (request, response) => {
      response.status(202).json(await services[name].send(request.body, { signal: disconnectSignal(response) }));
    });
  }
  return router;
}

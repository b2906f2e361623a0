import express from 'express';
import { isEqual } from '../admin.js';

/** Routes of payments. A payment is `pending` until the service calls back. */
export function paymentRoutes({ services, payments, publicUrl, callbackSecret }) {
  const router = express.Router();
  router.use(express.json());

  // Only the services know the address to call back: everybody else gets 404.
  router.param('secret', (_request, _response, next, secret) =>
    next(isEqual(secret, callbackSecret) ? undefined : 'route'),
  );

  for (const name of ['mpesa', 'pesapal', 'kcb']) {
    router.post(`/${name}`, async (request, response) => {
      const callbackUrl = `${publicUrl()}/api/v1/payments/${name}/callback/${callbackSecret}`;
      // A payment goes on although its client goes: an aborted request may have been accepted.
      const { id, redirect } = await services[name].pay({ ...request.body, callbackUrl });
      payments.add({ id, service: name, reference: request.body.reference, amount: request.body.amount });
      response.status(202).json({ id, status: 'pending', redirect });
    });
  }

  // M-Pesa and KCB send the result itself. A callback that comes twice changes nothing.
  for (const name of ['mpesa', 'kcb']) {
    router.post(`/${name}/callback/:secret`, (request, response) => {
      const { CheckoutRequestID, ResultCode } = request.body?.Body?.stkCallback ?? {};
      if (typeof CheckoutRequestID !== 'string') return response.status(400).json({ message: 'This is no callback' });
      payments.settle(CheckoutRequestID, name, ResultCode === 0 ? 'paid' : 'cancelled');
      return response.json({ ResultCode: 0, ResultDesc: 'Accepted' });
    });
  }

  // Pesapal says only that something has changed.
  router.get('/pesapal/callback/:secret', async (request, response) => {
    const { OrderTrackingId, OrderMerchantReference } = request.query;
    const status = await services.pesapal.statusOf(OrderTrackingId);
    if (status === 'Completed') payments.settle(OrderTrackingId, 'pesapal', 'paid');
    response.json({ orderTrackingId: OrderTrackingId, orderMerchantReference: OrderMerchantReference, status: 200 });
  });

  router.get('/:id', (request, response) => {
    const payment = payments.find(request.params.id);
    if (payment === undefined) return response.status(404).json({ message: 'There is no such payment' });
    return response.json(payment);
  });
  return router;
}

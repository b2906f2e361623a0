import { startUpstream } from './upstream.js';

/** Starts Pesapal as its API 3.0: token, order, status, and the notification (IPN) about an order. */
export async function startPesapal({ key, secret }) {
  const tokens = new Set();
  const orders = new Map();
  const isKnown = (headers) => tokens.has(headers.authorization?.replace('Bearer ', ''));
  const unauthorized = {
    status: 401,
    body: { error: { error_type: 'api_error', code: 'invalid_token' }, status: '401' },
  };
  const upstream = await startUpstream('pesapal', {
    'POST /api/Auth/RequestToken': ({ body }) => {
      if (body.consumer_key !== key || body.consumer_secret !== secret) return unauthorized;
      const token = `pesapal-${tokens.size + 1}`;
      tokens.add(token);
      const expiryDate = new Date(Date.now() + 300_000).toISOString();
      return { body: { token, expiryDate, error: null, status: '200', message: 'Request processed successfully' } };
    },
    'POST /api/Transactions/SubmitOrderRequest': ({ headers, body }) => {
      if (!isKnown(headers)) return unauthorized;
      const id = `order-${orders.size + 1}`;
      orders.set(id, { ...body, order_tracking_id: id });
      const redirect = `https://pay.pesapal.test/iframe/${id}`;
      return {
        body: {
          order_tracking_id: id,
          merchant_reference: body.id,
          redirect_url: redirect,
          error: null,
          status: '200',
        },
      };
    },
    'GET /api/Transactions/GetTransactionStatus': ({ url, headers }) => {
      if (!isKnown(headers)) return unauthorized;
      const order = orders.get(url.searchParams.get('orderTrackingId'));
      if (order === undefined) return undefined;
      const its = { payment_status_description: 'Completed', status_code: 1, merchant_reference: order.id };
      return { body: { ...its, amount: order.amount, currency: order.currency } };
    },
  });
  return Object.assign(upstream, {
    orders,
    expireTokens: () => tokens.clear(),
    /** Notifies the merchant that the status of an order has changed. */
    callBack({ callback_url, order_tracking_id, id }) {
      const query = new URLSearchParams({
        OrderTrackingId: order_tracking_id,
        OrderMerchantReference: id,
        OrderNotificationType: 'IPNCHANGE',
      });
      return fetch(`${callback_url}?${query}`);
    },
  });
}

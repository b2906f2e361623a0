import axios from 'axios';
import { pesapalCircuitBreaker } from '../circuitBreaker.js';
import { tokenCache, withToken } from './tokens.js';

/** Card payments over Pesapal: the customer pays on its page, and Pesapal notifies haven. */
export function pesapalService({ PESAPAL_URL, PESAPAL_CONSUMER_KEY, PESAPAL_CONSUMER_SECRET }) {
  const client = axios.create({ baseURL: PESAPAL_URL, timeout: 25_000 });

  async function requestToken(signal) {
    const body = { consumer_key: PESAPAL_CONSUMER_KEY, consumer_secret: PESAPAL_CONSUMER_SECRET };
    const { data } = await client.post('/api/Auth/RequestToken', body, { signal });
    return { token: data.token, expiresIn: (Date.parse(data.expiryDate) - Date.now()) / 1_000 };
  }

  const tokens = tokenCache(() => pesapalCircuitBreaker.execute(({ signal }) => requestToken(signal)));
  const call = (send) =>
    withToken(tokens, (headers) => pesapalCircuitBreaker.execute(({ signal }) => send({ headers, signal })));

  return {
    /** Creates an order. Resolves with the address of the page on which the customer pays. */
    async pay({ reference, amount, email, callbackUrl }) {
      const order = {
        ...{ id: reference, currency: 'KES', amount, description: 'Rent', callback_url: callbackUrl },
        ...{ notification_id: 'ipn-1', billing_address: { email_address: email } },
      };
      const { data } = await call((its) => client.post('/api/Transactions/SubmitOrderRequest', order, its));
      return { id: data.order_tracking_id, redirect: data.redirect_url };
    },
    /** Returns the status of an order. A notification says only that it has changed. */
    async statusOf(orderTrackingId) {
      const params = { orderTrackingId };
      const { data } = await call((its) => client.get('/api/Transactions/GetTransactionStatus', { params, ...its }));
      return data.payment_status_description;
    },
    check: ({ signal }) => requestToken(signal),
  };
}

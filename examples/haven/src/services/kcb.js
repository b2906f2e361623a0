import axios from 'axios';
import { kcbCircuitBreaker } from '../circuitBreaker.js';
import { tokenCache, withToken } from './tokens.js';

/** Bank payments over KCB Buni. */
export function kcbService({ KCB_URL, KCB_CONSUMER_KEY, KCB_CONSUMER_SECRET }) {
  const client = axios.create({ baseURL: KCB_URL, timeout: 25_000 });

  async function requestToken(signal) {
    const { data } = await client.post('/token', 'grant_type=client_credentials', {
      auth: { username: KCB_CONSUMER_KEY, password: KCB_CONSUMER_SECRET },
      signal,
    });
    return { token: data.access_token, expiresIn: data.expires_in };
  }

  const tokens = tokenCache(() => kcbCircuitBreaker.execute(({ signal }) => requestToken(signal)));

  return {
    /** Asks the customer to pay. Resolves with the id that the callback will have. */
    async pay({ phone, amount, reference, callbackUrl }) {
      const body = {
        ...{ phoneNumber: phone, amount: String(amount), invoiceNumber: reference, callbackUrl },
        ...{ sharedShortCode: true, orgShortCode: '', orgPassKey: '', transactionDescription: 'Rent' },
      };
      const push = (headers) =>
        kcbCircuitBreaker.execute(({ signal }) =>
          client.post('/mm/api/request/1.0.0/stkpush', body, { headers, signal }),
        );
      const { data } = await withToken(tokens, push);
      return { id: data.response.CheckoutRequestID };
    },
    check: ({ signal }) => requestToken(signal),
  };
}

import axios from 'axios';
import { mpesaCircuitBreaker } from '../circuitBreaker.js';
import { tokenCache, withToken } from './tokens.js';

/** Payments over M-Pesa: the customer gets a prompt on the phone (STK push), and M-Pesa calls back with the result. */
export function mpesaService(settings) {
  const { MPESA_URL, MPESA_CONSUMER_KEY, MPESA_CONSUMER_SECRET, MPESA_SHORT_CODE, MPESA_PASSKEY } = settings;
  const client = axios.create({ baseURL: MPESA_URL, timeout: 25_000 }); // Within the breaker's 30 s.

  async function requestToken(signal) {
    const { data } = await client.get('/oauth/v1/generate', {
      params: { grant_type: 'client_credentials' },
      auth: { username: MPESA_CONSUMER_KEY, password: MPESA_CONSUMER_SECRET },
      signal,
    });
    return { token: data.access_token, expiresIn: Number(data.expires_in) };
  }

  const tokens = tokenCache(() => mpesaCircuitBreaker.execute(({ signal }) => requestToken(signal)));

  return {
    /** Asks the customer to pay. Resolves with the id that the callback will have. It is never repeated. */
    async pay({ phone, amount, reference, callbackUrl }) {
      const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
      const body = {
        BusinessShortCode: MPESA_SHORT_CODE,
        Password: Buffer.from(`${MPESA_SHORT_CODE}${MPESA_PASSKEY}${timestamp}`).toString('base64'),
        Timestamp: timestamp,
        TransactionType: 'CustomerPayBillOnline',
        Amount: amount,
        PartyA: phone,
        PartyB: MPESA_SHORT_CODE,
        PhoneNumber: phone,
        CallBackURL: callbackUrl,
        AccountReference: reference,
        TransactionDesc: 'Rent',
      };
      const push = (headers) =>
        mpesaCircuitBreaker.execute(({ signal }) =>
          client.post('/mpesa/stkpush/v1/processrequest', body, { headers, signal }),
        );
      const { data } = await withToken(tokens, push);
      return { id: data.CheckoutRequestID };
    },
    /** Checks the service without the breaker: a token proves that it answers and knows the credentials. */
    check: ({ signal }) => requestToken(signal),
  };
}

import { basicOf, startUpstream } from './upstream.js';

/** Starts KCB Buni: token, STK push from a bank account, and the callback. */
export async function startKcb({ key, secret }) {
  const tokens = new Set();
  const payments = [];
  const upstream = await startUpstream('kcb', {
    'POST /token': ({ headers }) => {
      const [givenKey, givenSecret] = basicOf(headers);
      if (givenKey !== key || givenSecret !== secret) return { status: 401, body: { error: 'invalid_client' } };
      const token = `kcb-${tokens.size + 1}`;
      tokens.add(token);
      return { body: { access_token: token, scope: 'default', token_type: 'Bearer', expires_in: 3600 } };
    },
    'POST /mm/api/request/1.0.0/stkpush': ({ headers, body }) => {
      if (!tokens.has(headers.authorization?.replace('Bearer ', ''))) {
        return { status: 401, body: { code: '900901', message: 'Invalid Credentials' } };
      }
      const ids = { MerchantRequestID: `k-${payments.length + 1}`, CheckoutRequestID: `kcb_CO_${payments.length + 1}` };
      payments.push({ ...body, ...ids });
      const header = { statusDescription: 'Success. Request accepted for processing', statusCode: '0' };
      return { body: { header, response: { ...ids, ResponseCode: 0, CustomerMessage: 'Accepted' } } };
    },
  });
  return Object.assign(upstream, {
    payments,
    expireTokens: () => tokens.clear(),
    callBack({ callbackUrl, MerchantRequestID, CheckoutRequestID }, ResultCode = 0) {
      const stkCallback = { MerchantRequestID, CheckoutRequestID, ResultCode, ResultDesc: 'Processed' };
      const headers = { 'content-type': 'application/json' };
      return fetch(callbackUrl, { method: 'POST', headers, body: JSON.stringify({ Body: { stkCallback } }) });
    },
  });
}

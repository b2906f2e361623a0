import { basicOf, startUpstream } from './upstream.js';

/** Starts M-Pesa as its Daraja API: OAuth token, STK push, and the callback with the result of the payment. */
export async function startMpesa({ key, secret }) {
  const tokens = new Set();
  const payments = [];
  const error = (status) => ({ requestId: 'r-1', errorCode: `${status}.001.1001`, errorMessage: `HTTP ${status}` });
  const upstream = await startUpstream(
    'mpesa',
    {
      'GET /oauth/v1/generate': ({ url, headers }) => {
        const [givenKey, givenSecret] = basicOf(headers);
        const isValid = givenKey === key && givenSecret === secret;
        if (url.searchParams.get('grant_type') !== 'client_credentials' || !isValid) {
          return { status: 400, body: { errorCode: '400.008.01', errorMessage: 'Invalid Authentication passed' } };
        }
        const token = `mpesa-${tokens.size + 1}`;
        tokens.add(token);
        return { body: { access_token: token, expires_in: '3599' } };
      },
      'POST /mpesa/stkpush/v1/processrequest': ({ headers, body }) => {
        if (!tokens.has(headers.authorization?.replace('Bearer ', ''))) {
          return { status: 401, body: { errorCode: '404.001.03', errorMessage: 'Invalid Access Token' } };
        }
        if (!/^2547\d{8}$/.test(body.PhoneNumber)) {
          return { status: 400, body: { errorCode: '400.002.02', errorMessage: 'Bad Request - Invalid PhoneNumber' } };
        }
        const ids = {
          MerchantRequestID: `m-${payments.length + 1}`,
          CheckoutRequestID: `ws_CO_${payments.length + 1}`,
        };
        payments.push({ ...body, ...ids });
        return { body: { ...ids, ResponseCode: '0', ResponseDescription: 'Success. Request accepted for processing' } };
      },
    },
    { errorBody: error },
  );
  return Object.assign(upstream, {
    payments,
    /** Makes every token invalid, as an expiry does. */
    expireTokens: () => tokens.clear(),
    /** Sends the callback of a payment: the customer has entered the PIN, or cancelled. */
    async callBack({ CallBackURL, MerchantRequestID, CheckoutRequestID, Amount, PhoneNumber }, resultCode = 0) {
      const items = [
        { Name: 'Amount', Value: Amount },
        { Name: 'MpesaReceiptNumber', Value: `RCPT${CheckoutRequestID.slice(6)}` },
        { Name: 'PhoneNumber', Value: PhoneNumber },
      ];
      const stkCallback = {
        ...{ MerchantRequestID, CheckoutRequestID, ResultCode: resultCode },
        ResultDesc: resultCode === 0 ? 'The service request is processed successfully.' : 'Request cancelled by user.',
        ...(resultCode === 0 && { CallbackMetadata: { Item: items } }),
      };
      const headers = { 'content-type': 'application/json' };
      return fetch(CallBackURL, { method: 'POST', headers, body: JSON.stringify({ Body: { stkCallback } }) });
    },
  });
}

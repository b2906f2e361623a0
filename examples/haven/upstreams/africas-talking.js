import { startUpstream } from './upstream.js';

/** Starts the SMS API of Africa's Talking: messages as a form, with an API key. */
export async function startAfricasTalking({ username, apiKey }) {
  const messages = [];
  const unauthorized = { status: 401, body: 'The supplied authentication is invalid' };
  const upstream = await startUpstream('sms', {
    'POST /version1/messaging': ({ headers, body }) => {
      if (headers.apikey !== apiKey || body.username !== username) return unauthorized;
      const numbers = body.to.split(',');
      const Recipients = numbers.map((number) => {
        const isValid = /^\+2547\d{8}$/.test(number);
        const id = isValid ? `ATXid_${messages.push({ number, text: body.message })}` : 'None';
        const status = isValid ? 'Success' : 'InvalidPhoneNumber';
        return { statusCode: isValid ? 101 : 403, number, cost: 'KES 0.8000', status, messageId: id };
      });
      const sent = Recipients.filter(({ statusCode }) => statusCode === 101).length;
      const Message = `Sent to ${sent}/${numbers.length} Total Cost: KES ${(sent * 0.8).toFixed(4)}`;
      return { status: 201, body: { SMSMessageData: { Message, Recipients } } };
    },
    'GET /version1/user': ({ headers }) =>
      headers.apikey === apiKey ? { body: { UserData: { balance: 'KES 1785.50' } } } : unauthorized,
  });
  return Object.assign(upstream, { messages });
}

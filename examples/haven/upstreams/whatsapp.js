import { startUpstream } from './upstream.js';

/** Starts the WhatsApp Cloud API: messages of one phone number, and its description. */
export async function startWhatsapp({ token, phoneNumberId, version }) {
  const messages = [];
  const isKnown = (headers) => headers.authorization === `Bearer ${token}`;
  const error = (status, code, message) => ({ status, body: { error: { message, type: 'OAuthException', code } } });
  const upstream = await startUpstream(
    'whatsapp',
    {
      [`POST /${version}/${phoneNumberId}/messages`]: ({ headers, body }) => {
        if (!isKnown(headers)) return error(401, 190, 'Invalid OAuth access token');
        if (body.messaging_product !== 'whatsapp') return error(400, 100, '(#100) messaging_product is required');
        messages.push(body);
        const contacts = [{ input: body.to, wa_id: body.to }];
        return { body: { messaging_product: 'whatsapp', contacts, messages: [{ id: `wamid.${messages.length}` }] } };
      },
      [`GET /${version}/${phoneNumberId}`]: ({ headers }) =>
        isKnown(headers)
          ? { body: { id: phoneNumberId, display_phone_number: '+254 700 000000' } }
          : error(401, 190, 'Invalid OAuth access token'),
    },
    { errorBody: (status) => error(status, 130429, '(#130429) Rate limit hit').body },
  );
  return Object.assign(upstream, { messages });
}

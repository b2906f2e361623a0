import axios from 'axios';
import { whatsappCircuitBreaker } from '../circuitBreaker.js';

/** Messages over the WhatsApp Cloud API. */
export function whatsappService({ WHATSAPP_URL, WHATSAPP_TOKEN, WHATSAPP_PHONE_NUMBER_ID }) {
  const headers = { authorization: `Bearer ${WHATSAPP_TOKEN}` };
  const client = axios.create({ baseURL: `${WHATSAPP_URL}/v21.0`, timeout: 12_000, headers });
  return {
    async send({ to, text }, options) {
      const body = { messaging_product: 'whatsapp', to, type: 'text', text: { body: text } };
      const { data } = await whatsappCircuitBreaker.execute(
        ({ signal }) => client.post(`/${WHATSAPP_PHONE_NUMBER_ID}/messages`, body, { signal }),
        options,
      );
      return { id: data.messages[0].id };
    },
    check: ({ signal }) => client.get(`/${WHATSAPP_PHONE_NUMBER_ID}`, { signal }),
  };
}

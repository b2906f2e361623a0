import axios from 'axios';
import { smsCircuitBreaker } from '../circuitBreaker.js';

/** Text messages over Africa's Talking. Its 429 with `Retry-After` opens the circuit for that time. */
export function smsService({ SMS_URL, SMS_USERNAME, SMS_API_KEY }) {
  const headers = { apiKey: SMS_API_KEY, accept: 'application/json' };
  const client = axios.create({ baseURL: SMS_URL, timeout: 8_000, headers });
  return {
    async send({ to, text }, options) {
      const form = new URLSearchParams({ username: SMS_USERNAME, to, message: text });
      const { data } = await smsCircuitBreaker.execute(
        ({ signal }) => client.post('/version1/messaging', form, { signal }),
        options,
      );
      const [recipient] = data.SMSMessageData.Recipients;
      return { id: recipient.messageId, status: recipient.status };
    },
    /** Reads the balance: it sends no message. */
    check: ({ signal }) => client.get('/version1/user', { params: { username: SMS_USERNAME }, signal }),
  };
}

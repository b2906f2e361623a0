import { createTransport } from 'nodemailer';
import { emailCircuitBreaker } from '../circuitBreaker.js';

/** Mail over SMTP. */
export function emailService({ SMTP_URL }) {
  const limits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 12_000 };
  /** Runs work with a connection of its own, which ends with the signal of the call. */
  async function withTransport(signal, work) {
    const transport = createTransport({ url: SMTP_URL, ...limits });
    const close = () => transport.close();
    signal.addEventListener('abort', close);
    try {
      return await work(transport);
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
  }
  return {
    async send({ to, subject, text }, options) {
      const mail = { from: 'haven@haven.test', to, subject, text };
      const { messageId } = await emailCircuitBreaker.execute(
        ({ signal }) => withTransport(signal, (transport) => transport.sendMail(mail)),
        options,
      );
      return { id: messageId };
    },
    /** Connects and logs in: it sends no mail. */
    check: ({ signal }) => withTransport(signal, (transport) => transport.verify()),
  };
}

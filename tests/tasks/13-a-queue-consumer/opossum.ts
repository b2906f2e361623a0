import CircuitBreaker from 'opossum';
import { once } from 'node:events';

const mail = new CircuitBreaker((message: () => Promise<string>) => message(), {
  volumeThreshold: 3,
  resetTimeout: 200,
});

export const handle = (message: () => Promise<string>) => mail.fire(message);
export const ready = async (signal: AbortSignal) => {
  if (mail.opened) await once(mail, 'halfOpen', { signal });
};

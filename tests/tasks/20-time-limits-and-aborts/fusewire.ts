import { CircuitBreaker } from 'fusewire';

const users = new CircuitBreaker({ name: 'users', timeout: 2_000 });

export const ask = (url: string, request: AbortSignal) =>
  users.execute(({ signal }) => fetch(url, { signal }), { signal: request });

import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';

const users = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) });

export const ask = (url: string) =>
  users.execute(async ({ signal }) => {
    const response = await fetch(url, { signal });
    if (!response.ok && response.status !== 404) throw new Error(`status ${response.status}`);
    return response;
  });

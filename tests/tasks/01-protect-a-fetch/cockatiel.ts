import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';

const breaker = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) });

export const ask = (url: string) =>
  breaker.execute(async ({ signal }) => {
    const response = await fetch(url, { signal });
    if (response.status >= 500) throw new Error(`status ${response.status}`);
    return response;
  });

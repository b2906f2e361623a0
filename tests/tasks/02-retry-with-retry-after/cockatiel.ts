import { circuitBreaker, ConsecutiveBreaker, DelegateBackoff, handleAll, retry, wrap } from 'cockatiel';

const policy = wrap(
  retry(
    handleAll.orWhenResult((result) => result instanceof Response && result.status === 429),
    {
      maxAttempts: 3,
      backoff: new DelegateBackoff(({ result }) => {
        const { value } = result as { value?: Response };
        return Number(value?.headers.get('retry-after') ?? 0) * 1_000;
      }),
    },
  ),
  circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) }),
);

export const ask = (url: string) => policy.execute(({ signal }) => fetch(url, { signal }));

import { circuitBreaker, ConsecutiveBreaker, handleWhen, timeout, TimeoutStrategy, wrap } from 'cockatiel';
import type { Pool } from 'pg';

const mistake = /^(22|23|42)/;
const database = wrap(
  circuitBreaker(
    handleWhen((error) => !mistake.test((error as { code?: string }).code ?? '')),
    {
      halfOpenAfter: 60_000,
      breaker: new ConsecutiveBreaker(5),
    },
  ),
  timeout(2_000, TimeoutStrategy.Aggressive),
);

export const ask = (pool: Pool, text: string) => database.execute(() => pool.query(text));

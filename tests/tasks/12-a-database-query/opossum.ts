import CircuitBreaker from 'opossum';
import type { Pool } from 'pg';

const mistake = /^(22|23|42)/;
const database = new CircuitBreaker((pool: Pool, text: string) => pool.query(text), {
  timeout: 2_000,
  volumeThreshold: 5,
  errorFilter: (error: { code?: string }) => mistake.test(error.code ?? ''),
});

export const ask = (pool: Pool, text: string) => database.fire(pool, text);

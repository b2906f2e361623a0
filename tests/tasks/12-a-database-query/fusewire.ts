import { databases } from '@fusewire/http';
import { CircuitBreaker } from 'fusewire';
import type { Pool } from 'pg';

const database = new CircuitBreaker({ name: 'database', timeout: 2_000, classify: databases() });

export const ask = (pool: Pool, text: string) => database.execute(() => pool.query(text));

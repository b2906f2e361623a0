import type { Database } from '../database/database.ts';

/** Tables of the program. `waiting` has the steps of a campaign that nobody has done yet. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS accounts (id text PRIMARY KEY, credits bigint NOT NULL CHECK (credits >= 0));
  CREATE TABLE IF NOT EXISTS campaigns (
    id text PRIMARY KEY,
    account text NOT NULL REFERENCES accounts,
    campaign jsonb NOT NULL,
    waiting text[] NOT NULL,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz
  );
  CREATE TABLE IF NOT EXISTS manual_reviews (
    key text PRIMARY KEY,
    campaign text NOT NULL,
    invitation jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    decision text CHECK (decision IN ('sent', 'dropped')),
    decided_by text,
    decided_at timestamptz
  );
  INSERT INTO accounts VALUES ('demo', 1000000) ON CONFLICT DO NOTHING;`;

/** Creates what is missing of the tables. */
export async function createTables(database: Database): Promise<void> {
  await database.query(SCHEMA);
}

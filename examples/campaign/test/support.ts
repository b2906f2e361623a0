import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { startProgram } from '../lib/program.ts';
import type { Program } from '../lib/program.ts';
import { readSettings } from '../lib/settings.ts';
import { startServices } from '../upstreams/services.ts';
import { UnreliableDatabase } from '../upstreams/database.ts';
import { startPostgres } from './servers.ts';

export const quiet = { info() {}, warn() {} };

/** Starts the program with a PostgreSQL and services that misbehave, for the tests of a file. */
export async function startForTests(more: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'campaign-test-'));
  const database = await UnreliableDatabase.start(await startPostgres());
  const services = await startServices();
  const settings = readSettings({
    ...services.variables,
    ADMIN_TOKEN: 'admin-token',
    DATABASE_URL: database.url,
    SPOOL: path.join(folder, 'spool.db'),
    ...more,
  });
  const program = await startProgram(settings, quiet);
  after(async () => {
    await program.close();
    await database.close();
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    program,
    database,
    services,
    /** Makes everything work again, and closes all circuits. */
    repair() {
      database.behave('up');
      for (const upstream of Object.values(services.upstreams)) upstream.behave('up');
      for (const breaker of program.breakers.values()) breaker.reset();
    },
  };
}

/** Resolves when a campaign is done. */
export async function done({ campaigns }: Program, id: string): Promise<void> {
  await until(`campaign ${id} is done`, async () => (await campaigns.find(id))?.status === 'done');
}

/** Waits until a condition holds. Rejects after 30 seconds. */
export async function until(what: string, condition: () => unknown): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`This did not happen within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const campaignOf = (id: string) => ({ id, account: 'demo', audience: 'bakers', message: 'Fresh bread?' });

import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createClient } from '@libsql/client';

const folder = ['../../prisma/migrations', '../../../prisma/migrations']
  .map((relative) => path.join(import.meta.dirname, relative))
  .find(existsSync) as string;

/**
 * Applies the migrations that the database lacks, and notes them. `prisma migrate deploy` does the same with its engine, which
 * is a download.
 */
export async function migrate(url: string): Promise<void> {
  const client = createClient({ url });
  try {
    await client.execute('CREATE TABLE IF NOT EXISTS "_migrations" (name TEXT NOT NULL PRIMARY KEY)');
    const { rows } = await client.execute('SELECT name FROM "_migrations"');
    const applied = new Set(rows.map(({ name }) => name));
    for (const file of globSync('*/migration.sql', { cwd: folder }).sort()) {
      const name = path.dirname(file);
      if (applied.has(name)) continue;
      await client.executeMultiple(readFileSync(path.join(folder, file), 'utf8'));
      await client.execute({ sql: 'INSERT INTO "_migrations" (name) VALUES (?)', args: [name] });
    }
  } finally {
    client.close();
  }
}

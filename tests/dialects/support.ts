import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** Returns the text of a block of a document. */
export function blockOf(file: string): string {
  return readFileSync(path.join(import.meta.dirname, 'fixtures', file), 'utf8');
}

/** Returns the object of a block that has its source. */
export function valueOf(text: string): Record<string, unknown> {
  return new Function(`return (${text});`)() as Record<string, unknown>;
}

/** Returns the object of a block of options: several `name: { … }`, or options without braces. */
export function optionsOf(text: string): Record<string, unknown> {
  return valueOf(`{${text.replace(/^}$/gm, '},').replace(/ }$/gm, ' },')}}`);
}

/** Starts a server on 127.0.0.1 that ends with the test. Returns its URL. */
export async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Resolves when all reactions to settled promises have run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

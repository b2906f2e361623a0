import { load } from '../compile.ts';

for (const file of ['contract', 'decorators', 'scopes', 'filter', 'management', 'transports', 'http-service']) {
  await load(import.meta.dirname, file);
}
for (const file of ['decorators', 'scopes']) await load(import.meta.dirname, file, 'cjs');

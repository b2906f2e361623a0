import { load } from '../compile.ts';

for (const file of ['contract', 'decorators', 'management', 'transports', 'http-service']) {
  await load(import.meta.dirname, file);
}
await load(import.meta.dirname, 'decorators', 'cjs');

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  resolve: { alias: { '@infrastructure': here('src/infrastructure'), '@test': here('test') } },
  oxc: { decorator: { legacy: true } },
  test: { include: ['test/**/*.spec.ts'], setupFiles: [here('test/setup.ts')], testTimeout: 30_000 },
});

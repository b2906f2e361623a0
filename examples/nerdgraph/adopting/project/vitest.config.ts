import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Settings of the project of the document, with its aliases. */
export default defineConfig({
  root: here('.'),
  resolve: { alias: { '@infrastructure': here('src/infrastructure'), '@test': here('test') } },
  oxc: { decorator: { legacy: true } },
  test: { include: ['test/**/*.{spec,vitest}.ts'], setupFiles: [here('test/setup.ts')] },
});

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Maps the aliases of the document's project to stubs of its modules. */
export default defineConfig({
  root: here('..'),
  resolve: {
    alias: {
      '@infrastructure/resilience/circuit-breaker': here('stubs/circuit-breaker.ts'),
      '@infrastructure/config/types': here('stubs/types.ts'),
      '@shared/utils/logger': here('stubs/logger.ts'),
      '@streaming/metric-streamer': here('stubs/metric-streamer.ts'),
      '@test/mocks': here('stubs/mocks.ts'),
    },
  },
  oxc: { decorator: { legacy: true } },
  test: {
    include: ['**/*.vitest.ts'],
    setupFiles: [here('stubs/setup.ts')],
    testTimeout: 240_000,
    // Node loads our packages, as it does for a project that has installed them: one copy of each class.
    server: { deps: { external: [/\/npm\/.+\/dist\//] } },
  },
});

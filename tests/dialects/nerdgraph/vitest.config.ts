import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The aliases of the document's project, to what stands for its other modules. */
export default defineConfig({
  root: here('..'),
  resolve: {
    alias: {
      '@infrastructure/resilience/circuit-breaker': here('surroundings/circuit-breaker.ts'),
      '@infrastructure/config/types': here('surroundings/types.ts'),
      '@shared/utils/logger': here('surroundings/logger.ts'),
      '@streaming/metric-streamer': here('surroundings/metric-streamer.ts'),
      '@test/mocks': here('surroundings/mocks.ts'),
    },
  },
  oxc: { decorator: { legacy: true } },
  test: { include: ['**/*.vitest.ts'], setupFiles: [here('surroundings/setup.ts')], testTimeout: 60_000 },
});

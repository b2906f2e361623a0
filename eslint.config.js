import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';

export default defineConfig(
  globalIgnores([
    '**/dist',
    '**/pkg',
    '**/generated',
    '**/.work',
    'target',
    '.tools',
    'tests/packaging/fixtures',
    'tests/dialects/fixtures',
  ]),
  eslint.configs.recommended,
  typescript.configs.recommended,
  {
    languageOptions: {
      // The compiler knows better what exists in TypeScript; this is for the scripts.
      globals: Object.fromEntries(
        [
          ...[
            'AbortController',
            'AbortSignal',
            'Buffer',
            'TextDecoder',
            'URL',
            'WebAssembly',
            'console',
            'fetch',
            'gc',
          ],
          ...['globalThis', 'performance', 'process', 'queueMicrotask', 'structuredClone'],
          ...['clearInterval', 'clearTimeout', 'setImmediate', 'setInterval', 'setTimeout'],
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: {
      // `_` says that something is there for its place only.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_$', caughtErrors: 'none' },
      ],
      '@typescript-eslint/no-this-alias': 'off',
      // Escape sequences of terminals.
      'no-control-regex': 'off',
    },
  },
);

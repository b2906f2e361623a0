import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';

export default defineConfig(
  globalIgnores([
    '**/dist',
    '**/pkg',
    '**/generated',
    '**/.work',
    '**/.next',
    '**/next-env.d.ts',
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
            'Headers',
            'Response',
            'TextDecoder',
            'URL',
            'URLSearchParams',
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
  {
    // What `npm test` runs is the same each time; random search is a command of its own.
    files: ['**/*.test.{ts,mjs}', '**/test/**/*.{ts,mjs}'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'A test takes its random numbers from a seed that is the same in every run.',
        },
        {
          selector: "CallExpression[callee.object.name='fc'][callee.property.name='assert'][arguments.length=1]",
          message: 'Pass { seed }, so that fast-check makes the same programs in every run.',
        },
        {
          selector: "BinaryExpression[operator='%'][left.callee.object.name='Date'][left.callee.property.name='now']",
          message: 'A seed is a number that is the same in every run.',
        },
      ],
    },
  },
);

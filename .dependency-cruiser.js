// Architecture rules for the imports of the TypeScript packages; `npm run lint` checks them. Types count as imports.

const groups = 'clients|frameworks|stores|telemetry|vocabularies';
const packages = `fusewire|operations|profiles|testing|(?:${groups})/[^/]+`;
/** A package of a group: a client, a store, and so on. */
const adapter = `^npm/(${groups})/([^/]+)/src/`;

export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment:
        'A module and what it imports, directly or not, never import each other. Move the shared part into a leaf.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'package-by-name',
      comment: 'A package imports another by its name, so that it runs as it does when installed.',
      severity: 'error',
      from: { path: `^npm/(${packages})/src/` },
      to: { path: '^npm/.+/src/', pathNot: '^npm/$1/src/' },
    },
    {
      name: 'adapter-imports-no-adapter-of-its-group',
      comment: 'A package of a group imports no other package of that group.',
      severity: 'error',
      from: { path: adapter },
      to: { path: '^npm/$1/', pathNot: '^npm/$1/$2/' },
    },
    {
      name: 'foundations-import-no-feature',
      comment: 'The folders time, options, run and queue serve breakers and policies, and import neither.',
      severity: 'error',
      from: { path: '^npm/fusewire/src/(time|options|run|queue)/' },
      to: { path: '^npm/fusewire/src/(breaker|policies|adaptive|doctor|entries)/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: {
      path: [
        'node_modules',
        '/dist/',
        '/generated/',
        '/.work/',
        '/.next/',
        'tests/packaging/fixtures',
        'tests/dialects/fixtures',
      ],
    },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.d.ts'], exportsFields: ['exports'] },
  },
};

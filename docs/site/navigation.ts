/** Pages of the site, in reading order. A page is a file of `docs/pages`, or generated. */
import { apiFolder, apiIndex, CORE, packageFolders } from './reference/packages.ts';

/** One group of the navigation. */
export interface Section {
  readonly title: string;
  readonly pages: readonly string[];
}

const guide = [
  'start',
  'how',
  'why',
  'numbers',
  'policies',
  'pipeline',
  'queues',
  'permits',
  'streams',
  'nothing-lost',
  'in-flight',
  'adaptive',
  'profiles',
  'doctor',
];
const clients = ['fetch', 'undici', 'axios'];
const frameworks = ['express', 'fastify', 'nestjs', 'next', 'servers', 'edge', 'threads', 'serverless'];
const operations = [
  'dashboard',
  'management',
  'health',
  'event-log',
  'alerts',
  'runbook',
  'metrics',
  'telemetry',
  'newrelic',
];
const recipes = [...clients, ...frameworks, 'testing', 'operating', 'prisma', 'outbox', 'queue-driver'];

export const navigation: readonly Section[] = [
  { title: 'Guide', pages: guide },
  { title: 'Operations', pages: operations },
  { title: 'Recipes', pages: recipes.map((name) => `recipes/${name}`) },
  {
    title: 'Reference',
    pages: [
      ...[`${apiFolder(CORE)}/CircuitBreaker`, 'options', 'errors', 'stats', 'exports', 'semantics', 'limits'],
      ...packageFolders().map(apiIndex),
    ],
  },
  { title: 'Migrating', pages: ['migration', 'comparison', 'from/opossum', 'from/cockatiel'] },
  { title: 'Internals', pages: ['tested', 'speed', 'rule', 'contributing', 'changelog'] },
];

/** Front page. It has a layout of its own and no place in the navigation. */
export const HOME = 'index';

/** Pages that only other pages lead to. */
export const unlisted = ['asked', ...['conexxus', 'haven', 'campaign', 'nerdgraph'].map((name) => `from/${name}`)];

/** Pages that use the full width, for the sake of their tables. */
export const wide: ReadonlySet<string> = new Set(['comparison']);

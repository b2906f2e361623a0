/** Which pages there are, and in which order one reads them. A page is a file of docs/pages, or made by the builder. */
import { apiPage } from './reference/api.ts';
import { packageFolders } from './reference/declarations.ts';

export interface Section {
  readonly title: string;
  readonly pages: readonly string[];
}

const clients = ['fetch', 'undici', 'axios'];
const frameworks = ['express', 'nestjs', 'next', 'fastify-hono', 'edge', 'threads', 'serverless'];
const recipes = [...clients, ...frameworks, 'testing', 'operating'];
const vocabularies = ['opossum', 'cockatiel', 'conexxus', 'haven', 'campaign', 'nerdgraph'];

export const navigation: readonly Section[] = [
  { title: 'Begin', pages: ['index', 'start', 'numbers'] },
  { title: 'Build', pages: ['policies', 'pipeline', 'in-flight', 'adaptive', 'profiles', 'doctor'] },
  { title: 'Recipes', pages: recipes.map((name) => `recipes/${name}`) },
  { title: 'Look up', pages: ['options', 'errors', 'stats', 'semantics'] },
  { title: 'Coming from', pages: vocabularies.map((name) => `from/${name}`) },
  { title: 'Behind it', pages: ['comparison', 'tested', 'speed', 'rule', 'contributing', 'changelog'] },
  { title: 'Every name', pages: packageFolders().map(apiPage) },
];

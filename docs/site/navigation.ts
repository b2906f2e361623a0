/** Which pages there are, and in which order one reads them. A page is a file of docs/pages, or made by the builder. */
import { apiPage } from './reference/api.ts';
import { packageFolders } from './reference/declarations.ts';

export interface Section {
  readonly title: string;
  readonly pages: readonly string[];
}

const recipes = ['fetch', 'express', 'nestjs', 'next', 'fastify-hono', 'edge', 'threads', 'serverless', 'operating'];

export const navigation: readonly Section[] = [
  { title: 'Begin', pages: ['index', 'start', 'numbers'] },
  { title: 'Build', pages: ['policies', 'pipeline'] },
  { title: 'Recipes', pages: recipes.map((name) => `recipes/${name}`) },
  { title: 'Look up', pages: ['options', 'errors', 'stats', 'semantics'] },
  { title: 'Coming from', pages: ['from/cockatiel'] },
  { title: 'Behind it', pages: ['comparison', 'tested', 'speed', 'rule'] },
  { title: 'Every name', pages: packageFolders().map(apiPage) },
];

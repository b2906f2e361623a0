import { testWith } from '../compile.ts';

await testWith(import.meta.dirname);

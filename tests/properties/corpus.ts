/** The corpus that Rust and TypeScript share: `tests/model/corpus`, one case to a file. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Case } from './cases.ts';

const folder = new URL('../model/corpus/', import.meta.url);

/** Returns every case, keyed by file name. */
export function readCorpus(): Map<string, Case> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return new Map(files.map((file) => [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Case]));
}

/** Adds a case that failed, one step a line. Returns the path of its file. */
export function keep(failed: Case, why: string): string {
  const { at, options, steps } = failed;
  const lines = [
    '{',
    `  "name": ${JSON.stringify(why)},`,
    ...(at === undefined ? [] : [`  "at": ${at},`]),
    `  "options": ${JSON.stringify(options)},`,
    '  "steps": [',
    steps.map((step) => `    ${JSON.stringify(step)}`).join(',\n'),
    '  ]',
    '}',
    '',
  ];
  const text = lines.join('\n');
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const file = new URL(`found-${digest}.json`, folder);
  writeFileSync(file, text);
  return fileURLToPath(file);
}

// Runs the demo in a terminal and draws its last screen: npm run picture
//
// The terminal is that of the command `script`. The picture ends before the list of checks, which all passed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at } from '../repository.ts';
import { picture } from './svg.ts';
import { Terminal } from './terminal.ts';

const COLUMNS = 84;
/** Enough for everything that the demo prints, so that nothing scrolls out of the screen. */
const ROWS = 120;
const TITLE = 'The demo in a terminal: a timeline of three circuits, their statistics, and the time saved by breakers';

const demo = at('examples/quickstart/main.ts');
const output = at('docs/pictures/demo.svg');

const environment = { ...process.env, TERM: 'xterm-256color' };
// The picture has the colours of a plain terminal, whatever this one asks for.
for (const name of ['NO_COLOR', 'FORCE_COLOR']) Reflect.deleteProperty(environment, name);
const command = `stty cols ${COLUMNS} rows ${ROWS}; '${process.execPath}' '${demo}'`;
const child = spawn('script', ['-qec', command, '/dev/null'], {
  env: environment,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const terminal = new Terminal(COLUMNS, ROWS);
child.stdout.setEncoding('utf8').on('data', (text: string) => terminal.write(text));
const [code] = (await once(child, 'close')) as [number | null];
if (code !== 0) {
  throw new Error(`the demo ended with exit code ${code}, so there is no picture: run npm run demo to see why`);
}

const texts = terminal.lines.map((line) =>
  line
    .map(({ character }) => character)
    .join('')
    .trim(),
);
const end = texts.indexOf('Checks');
mkdirSync(path.dirname(output), { recursive: true });
writeFileSync(output, picture(terminal.lines.slice(0, end < 0 ? undefined : end - 1), TITLE));
console.log(`${texts.at(-1)} The picture is in ${output}`);

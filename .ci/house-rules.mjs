// Checks the rules of the house that no other linter knows: how doc comments begin, how long files are, which files may
// lie at the root of a source tree, and that no banned word names anything.
//
//   node .ci/house-rules.mjs [--list] [folder…]    --list names every comment that begins with a word of the first rule

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { at, root } from './lib/paths.mjs';

/** First words that leave the subject of a doc comment out. */
const RIDDLES = new Set(['What', 'Who', 'Whoever', 'Where', 'Those', 'Whatever']);
/** Largest share of doc comments that may begin with one of them. */
const MOST_RIDDLES = 0.02;
/** Longest source file, in lines. */
const MOST_LINES = 420;
/** Files that may lie at the root of `npm/fusewire/src`. */
const AT_ROOT = new Set(['index.ts', 'logging.ts']);
/** Metaphors that once named things here; LANGUAGE says what to write instead. */
const BANNED = /\b(vigils?|witness(es)?|inert|alarms?|ghosts?|voices?|told|tells|whoever)\b/i;

const args = process.argv.slice(2);
const folders = args.filter((arg) => arg !== '--list');
const files = sourceFiles(folders.length > 0 ? folders : ['.']);
const problems = [...riddles(files), ...longFiles(files), ...looseFiles(files), ...bannedWords(files)];
for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;

/** Returns the TypeScript, JavaScript and Rust files that git tracks, or would, without generated ones and fixtures. */
function sourceFiles(inside) {
  const patterns = inside.flatMap((folder) =>
    ['ts', 'mjs', 'js', 'rs'].map((ending) => `:(glob)${folder}/**/*.${ending}`),
  );
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', ...patterns], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return listed
    .split('\n')
    .filter((file) => file !== '' && !/(^|\/)(fixtures|generated)\//.test(file) && existsSync(at(file)))
    .map((file) => ({ file, text: readFileSync(at(file), 'utf8') }))
    .filter(({ text }) => !/^\/\/ Generated\b/m.test(text.slice(0, 400)));
}

/** Counts the first words of doc comments: `/** …` in TypeScript and JavaScript, `/// …` and `//! …` in Rust. */
function riddles(sources) {
  const comments = sources.flatMap(({ file, text }) =>
    [...docComments(file, text)].map((comment) => ({ file, ...comment })),
  );
  const bad = comments.filter(({ word }) => RIDDLES.has(word));
  const share = comments.length === 0 ? 0 : bad.length / comments.length;
  if (args.includes('--list')) for (const { file, line, begin } of bad) console.log(`${file}:${line}: ${begin}`);
  const told = `${bad.length} of ${comments.length} doc comments (${(share * 100).toFixed(1)} %) begin with ${[...RIDDLES].join(', ')}`;
  console.log(told);
  return share > MOST_RIDDLES ? [`${told}: at most ${MOST_RIDDLES * 100} % may; --list names them`] : [];
}

function* docComments(file, text) {
  const lines = text.split('\n');
  const isRust = file.endsWith('.rs');
  let inside = false;
  for (const [index, line] of lines.entries()) {
    const found = isRust ? /^\s*\/\/[/!] ?(.*)$/.exec(line) : /^\s*\/\*\* ?(.*)$/.exec(line);
    if (found && !inside) {
      const begin = found[1] === '' && !isRust ? (lines[index + 1] ?? '').replace(/^\s*\* ?/, '') : found[1];
      yield { line: index + 1, begin, word: /^[A-Za-z]+/.exec(begin)?.[0] ?? '' };
    }
    inside = isRust && found !== null;
  }
}

function longFiles(sources) {
  return sources
    .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ file, lines }) => `${file}: ${lines} lines; at most ${MOST_LINES}, split it by what it does`);
}

function looseFiles(sources) {
  return sources
    .map(({ file }) => file)
    .filter((file) => path.dirname(file) === 'npm/fusewire/src' && !AT_ROOT.has(path.basename(file)))
    .map((file) => `${file}: lies loose at the root; put it into the room that it belongs to`);
}

function bannedWords(sources) {
  return sources.flatMap(({ file, text }) =>
    file === '.ci/house-rules.mjs'
      ? []
      : text.split('\n').flatMap((line, index) => {
          const found = BANNED.exec(line.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' '));
          return found ? [`${file}:${index + 1}: the word ${JSON.stringify(found[0])}`] : [];
        }),
  );
}

/** Code blocks of the published documents, as programs. */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { readFence } from '../site/fences.ts';
import type { Fence } from '../site/fences.ts';
import { at } from '../site/repository.ts';
import { exportsOf, namesIn, parametersOfFinish } from './names.ts';

const contexts = fileURLToPath(new URL('contexts/', import.meta.url));
/** Folder of the programs, and of the files they write. */
export const work = fileURLToPath(new URL('../.work/blocks/', import.meta.url));

/** A code block and its position. */
export interface Block extends Fence {
  /** File and line. */
  readonly position: string;
  readonly file: string;
  readonly code: string;
  /** Code of the blocks that it continues. */
  readonly before: string;
  /** Output that the document shows for it, if any. */
  readonly expected: string | undefined;
}

/** Returns the site's pages, and every published README. */
export function documents(): string[] {
  return globSync(['docs/pages/**/*.md', 'README.md', 'npm/*/README.md', 'npm/*/*/README.md'], {
    cwd: at(),
    exclude: (name) => name === 'node_modules',
  }).sort();
}

/** Returns the TypeScript and JavaScript blocks of a document. */
export function blocksOf(file: string): Block[] {
  const lines = readFileSync(at(file), 'utf8').split('\n');
  const blocks: Block[] = [];
  let before = '';
  for (let line = 0; line < lines.length; line += 1) {
    const info = /^```(\S.*)$/.exec(lines[line] as string)?.[1];
    if (info === undefined) continue;
    const end = lines.indexOf('```', line + 1);
    const code = lines.slice(line + 1, end).join('\n');
    const fence = readFence(info);
    const previous = blocks.at(-1);
    if (fence.output && previous) blocks[blocks.length - 1] = { ...previous, expected: code };
    if (/^(ts|js|typescript|javascript)$/.test(fence.language)) {
      if (!fence.continues) before = '';
      const context = fence.context ?? (fence.continues ? previous?.context : undefined) ?? contextOf(file);
      blocks.push({ ...fence, context, position: `${file}:${line + 1}`, file, code, before, expected: undefined });
      if (fence.unrun === undefined) before += `${code}\n`;
    }
    line = end;
  }
  return blocks;
}

/** Returns the context of a README, named after its folder: its blocks have no labels, since others read them as they are. */
function contextOf(file: string): string | undefined {
  const folder = path.posix.dirname(file);
  const name = `readme-${folder === '.' ? 'repository' : path.posix.basename(folder)}`;
  return file.endsWith('README.md') && existsSync(path.join(contexts, `${name}.ts`)) ? name : undefined;
}

/** Separates the output of a block from that of the blocks before it. */
export const DIVIDER = '\u001e';

/** Returns a block as a program: imports from its context first, the context's `finish()` last. */
function program({ before, code, context, language }: Block): string {
  const divider = before === '' ? '' : `${before}\nprocess.stdout.write('${DIVIDER}');\n`;
  const whole = `${divider}${code}\n`;
  if (context === undefined) return `${whole}export {};\n`;
  const { used, declared } = namesIn(whole, language);
  const text = readFileSync(path.join(contexts, `${context}.ts`), 'utf8');
  const wanted = exportsOf(text).filter((name) => name !== 'finish' && used.has(name) && !declared.has(name));
  const parameters = parametersOfFinish(text);
  const names = [...wanted, ...(parameters ? ['finish as finishBlock'] : [])].join(', ');
  const address = `../../test/contexts/${context}.ts`;
  const end = parameters ? `await finishBlock(${parameters.length > 0 ? `{ ${parameters.join(', ')} }` : ''});\n` : '';
  return `import { ${names} } from '${address}';\n${whole}${end}`;
}

/** Writes the programs and the settings of the compiler; returns the path of each block's program. */
export async function writePrograms(blocks: readonly Block[]): Promise<Map<Block, string>> {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const programs = new Map<Block, string>();
  for (const block of blocks.filter(({ unrun }) => unrun === undefined)) {
    const isScript = /^j/.test(block.language);
    const name = block.position.replaceAll(/[^\w]+/g, '-').toLowerCase();
    const source = program(block);
    writeFileSync(path.join(work, `${name}.${isScript ? 'mjs' : 'mts'}`), source);
    const target = path.join(work, `${name}.run.mjs`);
    writeFileSync(target, isScript ? source : await withoutTypes(source));
    programs.set(block, target);
  }
  const settings = { extends: '../../../tsconfig.base.json', exclude: ['*.run.mjs'] };
  const compilerOptions = {
    lib: ['es2024', 'esnext.disposable', 'dom'],
    ...{ noUnusedLocals: false, noUnusedParameters: false, erasableSyntaxOnly: false, experimentalDecorators: true },
  };
  // Contexts that start servers import scripts of the build.
  writeSettings('typescript', {
    ...settings,
    compilerOptions: { ...compilerOptions, allowJs: true },
    include: ['*.mts'],
  });
  // JavaScript has no type annotations, which strict checks would demand.
  const loose = { ...compilerOptions, allowJs: true, checkJs: true, strict: false, exactOptionalPropertyTypes: false };
  writeSettings('javascript', { ...settings, compilerOptions: loose, include: ['*.mjs'] });
  return programs;
}

/** Returns the path of the compiler's settings for a language. */
export const settingsOf = (language: string): string => path.join(work, `tsconfig.${language}.json`);

function writeSettings(language: string, settings: object): void {
  writeFileSync(settingsOf(language), JSON.stringify(settings));
}

async function withoutTypes(source: string): Promise<string> {
  const compilerOptions = { experimentalDecorators: true };
  const { code } = await transform(source, { loader: 'ts', target: 'es2022', tsconfigRaw: { compilerOptions } });
  return code;
}

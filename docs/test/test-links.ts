import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A link to a test: the file, and the name of the test as its title. */
export const TEST_LINK = /\[([^\]]+)\]\(([^\s)]+) "((?:[^"\\]|\\.)*)"\)/g;

/** A link to a test on a page. */
export interface TestLink {
  readonly file: string;
  readonly name: string;
  /** Returns why the link is wrong; undefined if the file has a test of that name. */
  problem(): string | undefined;
}

/** Returns the text of a page of `docs/pages`, and its links to tests. */
export function readPage(name: string): { readonly text: string; readonly links: readonly TestLink[] } {
  const page = fileURLToPath(new URL(`../pages/${name}.md`, import.meta.url));
  const text = readFileSync(page, 'utf8');
  const links = [...text.matchAll(TEST_LINK)].map(([, , file = '', title = '']) => {
    const test = title.replaceAll(/\\(.)/g, '$1');
    const problem = () => {
      const target = path.join(path.dirname(page), file);
      if (!existsSync(target)) return `there is no ${file}`;
      return isIn(readFileSync(target, 'utf8'), test, path.extname(file))
        ? undefined
        : `${file} has no test of that name`;
    };
    return { file, name: test, problem };
  });
  return { text, links };
}

/** Whether a file contains a test, a vector or a Rust function of that name. */
function isIn(source: string, name: string, extension: string): boolean {
  if (extension === '.rs') return new RegExp(`#\\[test\\]\\s+fn ${name}\\(\\)`).test(source);
  if (extension === '.json') return source.includes(`"name": ${JSON.stringify(name)}`);
  // The packaging tests have `holds(tool, name, …)`.
  return ["'", '"', '`'].some((quote) =>
    source
      .split(`${quote}${name}${quote}`)
      .slice(0, -1)
      .some((before) => /\b(?:it|test|holds)\((?:'[^']*', )?$/.test(before)),
  );
}

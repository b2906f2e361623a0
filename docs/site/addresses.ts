/** Addresses of pages: relative ones, so that the site works under any address and from a disk. */
import path from 'node:path';

/** Returns the link from the page `from` to the file `to` of the site. */
export function relative(from: string, to: string): string {
  return path.posix.relative(path.posix.dirname(from), to);
}

/** Returns the name of the page that the link `file` on the page `from` leads to. */
export function pageAt(file: string, from: string): string {
  return path.posix.join(path.posix.dirname(from), file).replace(/\.(md|html)$/, '');
}

/** Returns the anchor of a heading, as code hosts build it. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s+/g, '-');
}

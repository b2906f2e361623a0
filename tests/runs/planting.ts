import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Bug to plant into a build: a text of a source file, and another one in its place. */
export interface PlantedBug {
  readonly name: string;
  /** Path of the file, relative to the root of the sources. */
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

/**
 * Returns a plugin of esbuild that plants a bug. The build fails if it does not contain the file.
 *
 * @throws {Error} if the file does not have the text once.
 */
export function planting(root: string, { name, file, text, instead }: PlantedBug): Plugin {
  const path = join(root, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(text).length !== 2) throw new Error(`${name}: ${file} must have its text once`);
  let isPlanted = false;
  return {
    name: 'planted bug',
    setup({ onLoad, onEnd }) {
      onLoad({ filter: /\.ts$/ }, ({ path: loaded }) => {
        if (loaded !== path) return undefined;
        isPlanted = true;
        return { contents: source.replace(text, () => instead), loader: 'ts' };
      });
      onEnd(() => (isPlanted ? undefined : { errors: [{ text: `${name}: the build does not contain ${file}` }] }));
    },
  };
}

/** Longer names get no suggestion: no option has one, and the comparison takes quadratic time. */
const MAX_LENGTH = 40;

/**
 * Returns the path of `candidates` that a misspelt path most likely means, or undefined if none is close. Only paths with
 * the same parent are compared. Indexes of lists are left out of candidates: `entries.from` also serves `entries.3.form`.
 */
export function suggestPath(path: string, candidates: Iterable<string>): string | undefined {
  const [parent, name] = splitPath(path);
  if (name.length > MAX_LENGTH) return undefined;
  const pattern = parent.replaceAll(/\.\d+(?=\.|$)/g, '');
  let closest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const [itsParent, itsName] = splitPath(candidate);
    if (itsParent !== pattern || itsName === name) continue;
    const most = Math.floor(Math.max(name.length, itsName.length) / 3);
    if (Math.abs(name.length - itsName.length) > most) continue;
    const distance = editDistance(name.toLowerCase(), itsName.toLowerCase());
    if (distance <= most && distance < least) {
      least = distance;
      closest = itsName;
    }
  }
  return closest === undefined ? undefined : joinPath(parent, closest);
}

/** Splits a path such as `window.size` into its parent and its last name. The parent of a top-level option is empty. */
function splitPath(path: string): readonly [parent: string, name: string] {
  const dot = path.lastIndexOf('.');
  return [path.slice(0, Math.max(0, dot)), path.slice(dot + 1)];
}

function joinPath(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

/** Returns how many letters must be added, removed, replaced or swapped with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (last[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      let least = Math.min(replaced, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        least = Math.min(least, (beforeLast[j - 2] as number) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] as number;
}

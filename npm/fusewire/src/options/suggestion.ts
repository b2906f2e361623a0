/** Longer names get no suggestion: no option or variable has one, and the comparison takes quadratic time. */
const MAX_LENGTH = 80;

/**
 * Returns `; did you mean X?` if one of the names is similar to the input, or `''`.
 *
 * @param input the misspelt name; anything but a string gets no suggestion.
 * @param names the names that are accepted, upper and lower case alike.
 */
export function suggestion(input: unknown, names: Iterable<string>): string {
  return didYouMean(typeof input === 'string' ? nearestName(input, names) : undefined);
}

/** Returns the end of a message that suggests a name, or `''` without one. */
export function didYouMean(name: string | undefined): string {
  return name === undefined ? '' : `; did you mean ${name}?`;
}

/**
 * Returns the path of `candidates` that a misspelt path most likely means, or undefined if none is close. Only paths with
 * the same parent are compared. Indexes of lists are left out of candidates: `entries.from` also serves `entries.3.form`.
 */
export function suggestPath(path: string, candidates: Iterable<string>): string | undefined {
  const [parent, name] = splitPath(path);
  const pattern = parent.replaceAll(/\.\d+(?=\.|$)/g, '');
  const siblings = [...candidates].map(splitPath).filter(([itsParent]) => itsParent === pattern);
  const closest = nearestName(
    name,
    siblings.map(([, itsName]) => itsName),
  );
  return closest === undefined ? undefined : joinPath(parent, closest);
}

/** Returns the name with the fewest edits, ignoring case, or undefined if none is similar. */
function nearestName(input: string, names: Iterable<string>): string | undefined {
  if (input.length > MAX_LENGTH) return undefined;
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const most = Math.min(fewest - 1, mostEdits(input, name));
    if (name === input || Math.abs(name.length - input.length) > most) continue;
    const edits = editDistance(input.toLowerCase(), name.toLowerCase());
    if (edits <= most) [nearest, fewest] = [name, edits];
  }
  return nearest;
}

/**
 * Returns the most edits by which two names are similar: a third of the letters. Of the letters after a common prefix, such
 * as that of all variables of a breaker, a third or two.
 */
function mostEdits(one: string, other: string): number {
  const length = Math.max(one.length, other.length);
  const rest = length - commonPrefix(one.toLowerCase(), other.toLowerCase());
  return Math.min(Math.floor(length / 3), Math.max(2, Math.floor(rest / 3)));
}

function commonPrefix(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
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

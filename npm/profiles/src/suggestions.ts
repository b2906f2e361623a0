/** `, did you mean X?` where one of the names is near enough to be meant. */
export function suggestion(given: string, names: Iterable<string>): string {
  const nearest = nearestOf(given, names);
  return nearest === undefined ? '' : `, did you mean ${nearest}?`;
}

/** The name that takes the fewest changes, if they are at most a third of it. */
function nearestOf(given: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.floor(given.length / 3) + 1;
  for (const name of names) {
    const changes = distance(given.toUpperCase(), name.toUpperCase(), least);
    if (changes < least) [nearest, least] = [name, changes];
  }
  return nearest;
}

/** How many letters are to be added, left out or replaced: the distance of Levenshtein. From `limit` on it does not matter. */
function distance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) >= limit) return limit;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 1; at <= from.length; at++) {
    const next = [at];
    for (let to_ = 1; to_ <= to.length; to_++) {
      const replaced = (row[to_ - 1] as number) + (from[at - 1] === to[to_ - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[to_] as number) + 1, (next[to_ - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}

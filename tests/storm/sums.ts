/** Two counts of the same thing, by who has no knowledge of the other. */
export interface Sum {
  readonly what: string;
  readonly told: number;
  readonly seen: number;
}

export function sum(what: string, told: number, seen: number): Sum {
  return { what, told, seen };
}

/** Something that can only be told to lie in a range: 0 if it does, and how far it is out if not. */
export function within(what: string, value: number, least: number, most: number): Sum {
  return sum(what, value, Math.min(Math.max(value, least), most));
}

/** What does not add up, in words. */
export function problemsOf(sums: readonly Sum[]): string[] {
  return sums.filter(({ told, seen }) => told !== seen).map(({ what, told, seen }) => `${what}: ${told}, not ${seen}`);
}

/** Keeps a call awake while it waits for what another call does. */
export interface Vigil {
  /** Calls `look` now and then until `waited` has settled. */
  keep(waited: Promise<unknown>, look: () => void): void;
}

/** Undefined where a call that waits needs nothing to stay awake. */
export let vigil: Vigil | undefined;

/** Has calls that wait kept awake; an entry of the package does so where its platform needs it. */
export function plugVigil(other: Vigil): void {
  vigil = other;
}

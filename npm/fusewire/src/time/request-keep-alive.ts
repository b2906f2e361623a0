/** Keeps a call awake while it waits for what another call does. */
export interface RequestKeepAlive {
  /** Calls `look` now and then until `waited` has settled. */
  keep(waited: Promise<unknown>, look: () => void): void;
}

/** Undefined where a call that waits needs nothing to stay awake. */
export let requestKeepAlive: RequestKeepAlive | undefined;

/** Has calls that wait kept awake; an entry of the package does so where its platform needs it. */
export function installRequestKeepAlive(other: RequestKeepAlive): void {
  requestKeepAlive = other;
}

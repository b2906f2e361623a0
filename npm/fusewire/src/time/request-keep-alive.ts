/**
 * Keeps a request alive while it awaits a promise that another request settles. The runtime would cancel it as hung
 * otherwise.
 */
export interface RequestKeepAlive {
  /** Calls `recheck` now and then until `waited` has settled. */
  keep(waited: Promise<unknown>, recheck: () => void): void;
}

/** Installed keep-alive; undefined on platforms whose requests may wait for each other. */
export let requestKeepAlive: RequestKeepAlive | undefined;

/** Installs a keep-alive, for the entry of a platform that needs it. */
export function installRequestKeepAlive(keepAlive: RequestKeepAlive): void {
  requestKeepAlive = keepAlive;
}

import type { StoredMessage } from 'fusewire/kit';
import { time } from './time.ts';
import { LEASE } from './operations.ts';

/**
 * Ledger of what a store has acknowledged. It checks the promises of a queue without the reference model: from the results of
 * the store alone.
 */
export class Ledger {
  #alive = new Set<string>();
  /** Time at which the current lease of a message ends. */
  #leasedUntil = new Map<string, number>();
  /** Number of leases of a message since it was stored or revived. */
  #leases = new Map<string, number>();

  clone(): Ledger {
    const copy = new Ledger();
    copy.#alive = new Set(this.#alive);
    copy.#leasedUntil = new Map(this.#leasedUntil);
    copy.#leases = new Map(this.#leases);
    return copy;
  }

  inserted(id: string, status: string): string[] {
    const faults = [];
    if (status === 'new' && this.#alive.has(id)) faults.push(`${id} is new for the second time`);
    if (status !== 'new' && !this.#alive.has(id)) faults.push(`${id} is a duplicate of no message`);
    this.#alive.add(id);
    if (status === 'revived') this.revived(id);
    return faults;
  }

  claimed(messages: readonly StoredMessage[]): string[] {
    return messages.flatMap(({ id, attempts }) => {
      const faults = [];
      if (!this.#alive.has(id)) faults.push(`${id} is claimed, although it is gone`);
      if ((this.#leasedUntil.get(id) ?? 0) > time.monotonic) faults.push(`${id} has two leases`);
      const leases = (this.#leases.get(id) ?? 0) + 1;
      if (attempts > leases) faults.push(`${id} has ${attempts} attempts after ${leases} leases`);
      this.#leases.set(id, leases);
      this.#leasedUntil.set(id, time.monotonic + LEASE);
      return faults;
    });
  }

  extended(id: string): void {
    this.#leasedUntil.set(id, time.monotonic + LEASE);
  }

  /** Records that a lease was given back, or ended in a dead letter. */
  ended(id: string): void {
    this.#leasedUntil.delete(id);
  }

  revived(id: string): void {
    this.#leases.delete(id);
  }

  removed(id: string): void {
    this.#alive.delete(id);
    this.#leasedUntil.delete(id);
    this.#leases.delete(id);
  }

  /** Checks which messages the store has. */
  compare(present: readonly string[]): string[] {
    const lost = [...this.#alive].filter((id) => !present.includes(id));
    const others = present.filter((id) => !this.#alive.has(id));
    return [...lost.map((id) => `${id} is lost`), ...others.map((id) => `${id} is still there`)];
  }
}

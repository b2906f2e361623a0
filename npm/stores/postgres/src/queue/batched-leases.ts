import type { StoredMessage } from 'fusewire/kit';
import { setImmediate } from 'node:timers/promises';

/** Claim that waits to be sent. */
interface PendingClaim {
  readonly topic: string;
  readonly count: number;
  readonly token: string;
  readonly leaseTime: number;
  readonly resolve: (messages: StoredMessage[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Completion that waits to be sent. */
interface PendingCompletion {
  readonly id: string;
  readonly token: string;
  readonly resolve: (held: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Result of a statement: ids of the deleted messages, and the claimed messages in their order. */
export interface BatchResult {
  readonly done: readonly string[];
  readonly messages: StoredMessage[];
}

/** Leases of one statement. */
export interface Batch {
  readonly completed: readonly { readonly id: string; readonly token: string }[];
  readonly claim: Omit<PendingClaim, 'resolve' | 'reject'> | undefined;
}

/**
 * Sends what a turn of the event loop asks for as one statement: the completions of many messages, and a claim. A worker
 * that runs short operations thus needs one round trip and one commit for many of them.
 */
export class BatchedLeases {
  readonly #execute: (batch: Batch) => Promise<BatchResult>;
  #claims: PendingClaim[] = [];
  #completions: PendingCompletion[] = [];
  #isScheduled = false;
  /** Whether completions are under way without a claim. Those that come meanwhile are sent together. */
  #isCompleting = false;

  /** @param execute runs the statement of a batch. */
  constructor(execute: (batch: Batch) => Promise<BatchResult>) {
    this.#execute = execute;
  }

  claim(topic: string, count: number, token: string, leaseTime: number): Promise<StoredMessage[]> {
    return new Promise((resolve, reject) => {
      this.#claims.push({ topic, count, token, leaseTime, resolve, reject });
      this.#schedule();
    });
  }

  complete(id: string, token: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#completions.push({ id, token, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void setImmediate().then(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    for (const claim of this.#claims.splice(0)) void this.#sendOne(this.#completions.splice(0), claim);
    if (this.#completions.length === 0 || this.#isCompleting) return;
    this.#isCompleting = true;
    void this.#sendOne(this.#completions.splice(0), undefined).finally(() => {
      this.#isCompleting = false;
      if (this.#completions.length > 0) this.#schedule();
    });
  }

  async #sendOne(completions: readonly PendingCompletion[], claim: PendingClaim | undefined): Promise<void> {
    try {
      const { done, messages } = await this.#execute({ completed: completions, claim });
      const ids = new Set(done);
      for (const { id, resolve } of completions) resolve(ids.has(id));
      claim?.resolve(messages);
    } catch (error) {
      for (const { reject } of completions) reject(error);
      claim?.reject(error);
    }
  }
}

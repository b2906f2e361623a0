import { setImmediate } from 'node:timers/promises';
import type { JobAttempt, PgBoss } from 'pg-boss';

/** Completion that waits to be sent. */
interface PendingCompletion {
  readonly attempt: JobAttempt;
  readonly resolve: (held: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Completes the jobs of a turn of the event loop with one statement for each queue of pg-boss. */
export class BatchedCompletions {
  readonly #boss: () => Promise<PgBoss>;
  readonly #pending = new Map<string, PendingCompletion[]>();

  constructor(boss: () => Promise<PgBoss>) {
    this.#boss = boss;
  }

  /** Deletes a job, unless pg-boss has taken this attempt away. Returns whether it did. */
  complete(name: string, attempt: JobAttempt): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const pending = this.#pending.get(name);
      if (pending !== undefined) return void pending.push({ attempt, resolve, reject });
      this.#pending.set(name, [{ attempt, resolve, reject }]);
      void setImmediate().then(() => this.#send(name));
    });
  }

  async #send(name: string): Promise<void> {
    const completions = this.#pending.get(name) ?? [];
    this.#pending.delete(name);
    try {
      const boss = await this.#boss();
      const response = await boss.deleteJob(
        name,
        completions.map(({ attempt }) => attempt),
      );
      // Its declarations leave out the ids of the jobs that were there.
      const deleted = new Set((response as { readonly settled?: readonly string[] }).settled);
      for (const { attempt, resolve } of completions) resolve(deleted.has(attempt.id));
    } catch (error) {
      for (const { reject } of completions) reject(error);
    }
  }
}

import type { Job } from 'bullmq';
import type { Settlement, StoredMessage, WorkerHooks } from 'fusewire/kit';
import type { JobData } from './jobs.ts';

/** Share of the lease after which it counts as lost: the operation ends before another worker begins it. */
const SAFE_SHARE = 0.9;

/**
 * Run of a job, until its result is stored. BullMQ renews the lock. The lease is lost when Redis says so, or when no renewal
 * has succeeded in time.
 */
export class JobRun {
  readonly job: Job<JobData>;
  readonly token: string;
  readonly message: StoredMessage;
  /** Resolves when the lease has ended before its operation. */
  readonly ended: Promise<undefined>;
  /** Resolves when the result is stored, or the lease has ended. */
  readonly over: Promise<void>;
  /** Fate of the message; undefined while its operation runs. */
  settlement: Settlement | undefined;
  readonly #leaseTime: number;
  readonly #hooks: WorkerHooks;
  readonly #controller = new AbortController();
  #resolveEnded!: (value: undefined) => void;
  #resolveOver!: () => void;
  #isOver = false;
  /** Whether the deadline has passed, and a renewal was sent for the last time. */
  #isOverdue = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(job: Job<JobData>, token: string, message: StoredMessage, leaseTime: number, hooks: WorkerHooks) {
    this.job = job;
    this.token = token;
    this.message = message;
    this.#leaseTime = leaseTime;
    this.#hooks = hooks;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.over = new Promise((resolve) => (this.#resolveOver = resolve));
    this.#arm(leaseTime * SAFE_SHARE);
  }

  /** Signal of the operation. It aborts when the lease ends. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Moves the deadline, because the lock was renewed. */
  onRenewed(): void {
    if (this.#isOver) return;
    this.#isOverdue = false;
    this.#arm(this.#leaseTime * SAFE_SHARE);
  }

  /** Ends the run because its lease is lost. */
  lose(): void {
    if (this.#isOver) return;
    this.end(new Error(`Queue: the lease of message ${this.message.id} expired before its operation ended`));
    this.#hooks.leaseLost(this.message);
  }

  /** Ends the run before its operation has ended, and aborts the signal. */
  end(reason: unknown): void {
    if (this.#isOver) return;
    this.finish();
    this.#controller.abort(reason);
    this.#resolveEnded(undefined);
  }

  /** Ends the run because its result is stored. */
  finish(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#resolveOver();
  }

  #arm(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onDeadline(), delay).unref();
  }

  /** Asks Redis once more: after a suspension of the process, the lease may still be its own. */
  #onDeadline(): void {
    if (this.#isOverdue) return this.lose();
    this.#isOverdue = true;
    this.#arm(this.#leaseTime / 10);
    this.job.extendLock(this.token, Math.ceil(this.#leaseTime)).then(
      (held) => (held > 0 ? this.onRenewed() : this.lose()),
      (error: unknown) => this.#hooks.fault(error, 'extend'),
    );
  }
}

// Parts that a program hands to the management API, and what a client asks of them.

import type { DeadLetter, DeadLetterOptions, Queue } from 'fusewire/queue';
import type { Dashboard } from '../dashboard/dashboard.ts';
import type { EventFilter } from '../events/filter.ts';
import type { Health } from '../health/health.ts';
import type { NamedBreakers } from '../named-breakers.ts';
import type { AuditLog } from './audit-log.ts';
import type { TestBench } from './test-bench.ts';

/** Metrics as text, with their content type. A string alone is in the format of Prometheus 0.0.4. */
export type MetricsText = string | { readonly contentType: string; readonly body: string };

/** Function that renders the metrics. `accept` is the header of the scrape, or `''`. */
export type Metrics = (scrape: { readonly accept: string }) => MetricsText | Promise<MetricsText>;

/** Queue as far as the management API uses it. Every queue of fusewire is one. */
export interface ManagedQueue extends Pick<Queue, 'size' | 'revive' | 'discard'> {
  /** Returns a page of dead letters, the oldest first. */
  deadLetters(
    options?: DeadLetterOptions,
  ): Promise<{ readonly letters: readonly DeadLetterView[]; readonly next: string | null }>;
}

/** Dead letter as a list shows it. The payload stays in the queue. */
export type DeadLetterView = Pick<DeadLetter, 'id' | 'topic' | 'key' | 'attempts' | 'lastError'>;

/** Function of the program that operators may run, such as a migration. It should do nothing when it is repeated. */
export type Task = () => unknown;

/** Alerts as far as the management API uses them. Those of `@fusewire/operations/alerts` are ones. */
export interface ManagedAlerts {
  /** Returns the alerts that are pending or firing. */
  active(): readonly object[];
  /** Returns alerts that have fired and ended, the newest first. */
  history(options?: { readonly limit?: number | undefined }): readonly object[];
  /** Returns the silences that have not expired. */
  silences(): readonly object[];
  /** Acknowledges a firing alert. Returns whether an alert of that id fires. */
  acknowledge(id: string, by: string, why: string): boolean;
  /** Mutes alerts for some time. */
  silence(options: AlertSilence): { readonly id: string };
  /** Ends a silence. Returns whether there was one of that id. */
  endSilence(id: string, by: string, why: string): boolean;
}

/** Silence that an operator asks for. */
export interface AlertSilence {
  readonly breaker?: string | undefined;
  readonly rule?: string | undefined;
  readonly by: string;
  readonly why: string;
  /** Milliseconds from now. */
  readonly for: number;
}

/** Things that a client follows. */
export interface Followed {
  readonly filter: EventFilter;
  readonly breakers: boolean;
}

/** Parts of a program that the management API works on. */
export interface ProgramParts {
  readonly source: NamedBreakers;
  readonly health: Health;
  readonly events: AuditLog | undefined;
  readonly metrics: Metrics | undefined;
  readonly queues: ReadonlyMap<string, ManagedQueue>;
  readonly alerts: ManagedAlerts | undefined;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly tests: TestBench | undefined;
  readonly dashboard: Dashboard | undefined;
}

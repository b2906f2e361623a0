import type { HealthOptions, HealthSettings } from './options.ts';
import { readHealthOptions } from './options.ts';
import { breakerParts, PartReader } from './parts.ts';
import { scoreOf, statusOf } from './score.ts';
import type { HealthPart, HealthStatus } from './score.ts';

/** Health of a program at one instant. */
export interface HealthReport {
  readonly status: HealthStatus;
  /** 0 to 100; see {@link scoreOf}. */
  readonly score: number;
  /** Breakers, then queues, then checks. */
  readonly parts: readonly HealthPart[];
  /** Time of the report, in ISO 8601. */
  readonly timestamp: string;
}

/** Answer to a probe of Kubernetes. */
export interface ProbeResult {
  readonly status: 'ok' | 'error';
  /** Names of the required parts that are down or missing. */
  readonly failed: readonly string[];
}

/** Health of breakers, queues and checks. */
export interface Health {
  /** Reads all parts. Never rejects: a part that cannot be read is down. Reads at the same time share one reading. */
  read(): Promise<HealthReport>;
  /** Resolves with whether the program is live: whether the checks of `liveRequires` are not down. */
  live(): Promise<ProbeResult>;
  /** Resolves with whether the program is ready: whether the parts of `readyRequires` are not down. */
  ready(): Promise<ProbeResult>;
}

/**
 * Returns the health of breakers, queues and checks.
 *
 * ```ts
 * const state = health({ registry, weights: { database: 45, n8n: 35 }, critical: ['database'] });
 * const { status, score } = await state.read();
 * ```
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function health(options: HealthOptions): Health {
  return new ReadHealth(readHealthOptions(options));
}

class ReadHealth implements Health {
  readonly #settings: HealthSettings;
  readonly #reader: PartReader;
  #reading: Promise<HealthReport> | undefined;
  /** Readings of single checks in progress, by name, which probes at the same time share. */
  readonly #checking = new Map<string, Promise<HealthPart>>();

  constructor(settings: HealthSettings) {
    this.#settings = settings;
    const { weighing, limits, timeout, clock } = settings;
    this.#reader = new PartReader(weighing, limits, timeout, clock);
  }

  read(): Promise<HealthReport> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  live(): Promise<ProbeResult> {
    return this.#probe(this.#settings.liveRequires);
  }

  ready(): Promise<ProbeResult> {
    return this.#probe(this.#settings.readyRequires);
  }

  async #read(): Promise<HealthReport> {
    const { source, queues, checks, weighing, thresholds } = this.#settings;
    const others = await Promise.all([...[...queues.keys()], ...[...checks.keys()]].map((name) => this.#other(name)));
    const parts = [...breakerParts(source, weighing), ...others.filter((part) => part !== undefined)];
    const score = scoreOf(parts, thresholds);
    return { status: statusOf(score, thresholds), score, parts, timestamp: new Date().toISOString() };
  }

  async #probe(required: readonly string[]): Promise<ProbeResult> {
    if (required.length === 0) return { status: 'ok', failed: [] };
    const breakers = new Map(
      breakerParts(this.#settings.source, this.#settings.weighing).map((part) => [part.name, part]),
    );
    const parts = await Promise.all(required.map((name) => breakers.get(name) ?? this.#other(name)));
    // A part that is missing has the share 0: a misspelt name must not make the probe pass.
    const failed = required.filter((_, index) => (parts[index]?.share ?? 0) === 0);
    return { status: failed.length === 0 ? 'ok' : 'error', failed };
  }

  /** Returns the part of a queue or a check. */
  async #other(name: string): Promise<HealthPart | undefined> {
    const known = this.#checking.get(name);
    if (known !== undefined) return known;
    const queue = this.#settings.queues.get(name);
    const check = this.#settings.checks.get(name);
    if (queue === undefined && check === undefined) return undefined;
    const part = (
      queue !== undefined
        ? this.#reader.queue(name, queue)
        : this.#reader.check(name, check as NonNullable<typeof check>)
    ).finally(() => this.#checking.delete(name));
    this.#checking.set(name, part);
    return part;
  }
}

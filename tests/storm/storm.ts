/** The storm: fronts of every kind against services that fail, round after round, with a calm after each. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BreakerRegistry, retryBudget } from 'fusewire';
import type { BackendKind, RetryBudget } from 'fusewire';
import { ServiceProcess } from '../../examples/quickstart/service-process.ts';
import type { Plant } from './arguments.ts';
import { dropInMidFlight } from './dropped.ts';
import { Front } from './front.ts';
import { openQueues } from './queues.ts';
import { Random } from './random.ts';
import { Requests } from './requests.ts';
import { problemsOf, sum, within } from './sums.ts';
import type { Sum } from './sums.ts';
import { weather } from './weather.ts';

/** More requests than the services can answer in a second. */
const MOST_A_SECOND = 4_000;
/** The longest that everything may take to come back after the services have, in milliseconds. */
const LONGEST_RECOVERY = 20_000;
const BACKENDS: readonly BackendKind[] = ['wasm', 'native'];

/** What happened so far, all fronts together. */
export interface Totals {
  readonly calls: number;
  readonly answered: number;
  readonly spared: number;
  readonly stoodIn: number;
  readonly failed: number;
  readonly retries: number;
  readonly hedges: number;
  readonly shed: number;
  readonly opened: number;
  readonly queued: number;
  readonly done: number;
  readonly dead: number;
  readonly seen: number;
}

export class Storm {
  /** How many sums have been made. */
  sums = 0;
  readonly fronts: readonly Front[];
  readonly #random: Random;
  readonly #registry: BreakerRegistry;
  readonly #service: Requests;
  readonly #other: Requests;
  #drops = 0;
  #dropped: Sum[] = [];

  private constructor(fronts: readonly Front[], random: Random, registry: BreakerRegistry, both: [Requests, Requests]) {
    this.fronts = fronts;
    this.#random = random;
    this.#registry = registry;
    [this.#service, this.#other] = both;
  }

  static async begin(seconds: number, seed: number, plant: Plant): Promise<Storm> {
    const [one, two, queues] = await Promise.all([ServiceProcess.start(), ServiceProcess.start(), openQueues()]);
    const most = (seconds + 60) * MOST_A_SECOND;
    const [service, other] = [new Requests('service', one, most), new Requests('other', two, most)];
    const random = new Random(seed);
    const registry = new BreakerRegistry({
      defaults: {
        failureRateThreshold: 0.6,
        minimumCalls: 15,
        monitoringWindow: 1_000,
        resetTimeout: 150,
        timeout: 400,
      },
      retryBudget: retryBudget({ share: 0.3 }),
    });
    const fronts = queues.map((queue, index) => {
      const form = index % 2 === 0 ? ('list' as const) : ('parts' as const);
      const backend = BACKENDS[(index >> 1) % 2 === 0 ? index % 2 : 1 - (index % 2)] as BackendKind;
      const miscount = plant === 'miscount' && index === 0;
      const hang = plant === 'hang' && index === 0;
      return new Front({ queue, form, backend, registry, service, other, random: random.fork(), miscount, hang });
    });
    return new Storm(fronts, random, registry, [service, other]);
  }

  /** Breakers that are held. */
  breakers(backend: BackendKind): number {
    return [...this.#registry.getAll().values()].filter((breaker) => breaker.backend === backend).length;
  }

  /** Bad weather for so many milliseconds, and then calm. Returns what does not add up. */
  async round(duration: number): Promise<string[]> {
    const end = performance.now() + duration;
    await Promise.all([
      weather(this.#service, this.#random.fork(), end),
      weather(this.#other, this.#random.fork(), end),
      this.#traffic(this.#random.fork(), end),
      this.#drop(this.#random.fork(), end),
    ]);
    const late = await this.#recover();
    return late.length > 0 ? late : this.#addUp();
  }

  /** What has not ended yet. */
  underWay(): string[] {
    return this.fronts.map(({ name, underWay }) => `${name}: ${underWay} calls`);
  }

  totals(): Totals {
    const add = (count: (front: Front) => number) => this.fronts.reduce((total, front) => total + count(front), 0);
    const rejected = ({ adaptiveLimit, bulkhead, rateLimit, throttle }: Front['policies']) =>
      adaptiveLimit.getStats().totalRejected +
      bulkhead.getStats().totalRejected +
      rateLimit.getStats().totalRejected +
      throttle.getStats().totalThrottled;
    const [calls, failed] = [add((front) => front.calls), add((front) => front.failures)];
    const [answered, spared] = [add(({ answers }) => answers.call ?? 0), add(({ answers }) => answers.cache ?? 0)];
    return {
      calls,
      answered,
      spared,
      stoodIn: calls - failed - answered - spared,
      failed,
      retries: add(({ policies }) => policies.retry.getStats().totalRetries),
      hedges: add(({ policies }) => policies.hedge.getStats().totalHedges),
      shed: add(({ policies }) => rejected(policies)),
      opened: add(({ rejects }) => rejects),
      queued: add(({ queue }) => queue.added),
      done: add(({ queue }) => queue.completed),
      dead: add(({ queue }) => queue.buried),
      seen: this.#service.service.seen + this.#other.service.seen,
    };
  }

  async end(): Promise<void> {
    await Promise.all(this.fronts.map((front) => front.close()));
    for (const breaker of this.#registry.getAll().values()) breaker.dispose();
    await Promise.all([this.#service, this.#other].map(({ service }) => service.stop()));
  }

  /** Calls at a pace of chance, now and then many at once. */
  async #traffic(random: Random, end: number): Promise<void> {
    while (performance.now() < end) {
      for (const front of this.fronts) {
        const calls = random.chance(0.02) ? random.below(40) : random.below(3);
        for (let call = 0; call < calls; call++) void front.start();
      }
      await sleep(random.between(2, 20));
    }
  }

  async #drop(random: Random, end: number): Promise<void> {
    while (performance.now() < end) {
      const backend = BACKENDS[this.#drops++ % BACKENDS.length] as BackendKind;
      this.#dropped.push(...(await dropInMidFlight(this.#registry, backend, this.#service, random)));
      await sleep(random.between(0, 500));
    }
  }

  /** Waits until every front answers again, and its queue is empty. Returns which do not. */
  async #recover(): Promise<string[]> {
    const end = performance.now() + LONGEST_RECOVERY;
    const problems = await Promise.all(
      this.fronts.map(async (front) => {
        await front.queue.sortDeadLetters();
        for (;;) {
          const isUp = await front.hasRecovered();
          await front.replay();
          const left = await front.queue.left();
          await front.settled();
          if (isUp && left === 0) return [];
          if (performance.now() > end) return [`${front.name}: has not recovered, ${left} messages are left`];
        }
      }),
    );
    await Promise.all([this.#service, this.#other].map(({ service }) => service.enter('none')));
    return problems.flat();
  }

  async #addUp(): Promise<string[]> {
    const fronts = await Promise.all(this.fronts.map((front) => front.sums()));
    const sums = [
      ...fronts.flat(),
      ...this.#dropped.splice(0),
      ...this.#service.sums(),
      ...this.#other.sums(),
      ...this.#together(),
    ];
    this.sums += sums.length;
    return problemsOf(sums);
  }

  /** What the fronts share. */
  #together(): Sum[] {
    const add = (count: (front: Front) => number) => this.fronts.reduce((total, front) => total + count(front), 0);
    const budget = (this.#registry.retryBudget as RetryBudget).getStats();
    const other = this.#registry.for('other').getStats();
    const alternatives = add((front) => front.alternatives);
    const extra = add(({ policies: { retry, hedge } }) => retry.getStats().totalRetries + hedge.getStats().totalHedges);
    const refused = ({ policies: { retry, hedge } }: Front) =>
      retry.getStats().totalOverBudget + hedge.getStats().totalOverBudget;
    return [
      sum('requests to the other provider', this.#other.made, alternatives),
      sum('calls to the other provider', other.totalRequests - other.totalRejected, alternatives),
      sum('calls to the other provider in flight', other.inFlight, 0),
      sum('attempts that the budget refused', budget.totalRefused, add(refused)),
      // A retry that is paid for is not made if its caller leaves while it sleeps.
      within('attempts that the budget granted', budget.totalGranted, extra, extra + add((front) => front.failures)),
    ];
  }
}

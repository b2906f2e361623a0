import { setTimeout as sleep } from 'node:timers/promises';
import { BreakerRegistry, retryBudget } from 'fusewire';
import type { BackendKind, RetryBudget } from 'fusewire';
import { ServiceProcess } from '../../examples/quickstart/service-process.ts';
import type { Plant } from './arguments.ts';
import { equal, failuresOf, within } from './checks.ts';
import type { Check } from './checks.ts';
import { Client } from './client.ts';
import { disposeInFlight } from './disposal.ts';
import { injectFaults } from './faults.ts';
import { openQueues } from './queues.ts';
import { Random } from './random.ts';
import { TrackedService } from './tracked-service.ts';

/** More requests than the services can answer in a second. */
const MAX_REQUESTS_PER_SECOND = 4_000;
/** Longest time in milliseconds until everything has recovered: far more than a busy machine needs. */
const LONGEST_RECOVERY = 180_000;
const BACKENDS: readonly BackendKind[] = ['wasm', 'native'];

/** Totals of all clients so far. */
export interface Totals {
  readonly calls: number;
  readonly answered: number;
  readonly cached: number;
  readonly fallback: number;
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

/** Clients of every kind and the services that they call, which fail at random. */
export class Storm {
  /** Number of checks so far. */
  checks = 0;
  readonly clients: readonly Client[];
  readonly #random: Random;
  readonly #registry: BreakerRegistry;
  readonly #service: TrackedService;
  readonly #alternative: TrackedService;
  #disposals = 0;
  #disposalChecks: Check[] = [];

  private constructor(
    clients: readonly Client[],
    random: Random,
    registry: BreakerRegistry,
    services: [service: TrackedService, alternative: TrackedService],
  ) {
    this.clients = clients;
    this.#random = random;
    this.#registry = registry;
    [this.#service, this.#alternative] = services;
  }

  static async begin(seconds: number, seed: number, plant: Plant): Promise<Storm> {
    const [one, two, queues] = await Promise.all([ServiceProcess.start(), ServiceProcess.start(), openQueues()]);
    const capacity = (seconds + 60) * MAX_REQUESTS_PER_SECOND;
    const service = new TrackedService('service', one, capacity);
    const alternative = new TrackedService('other', two, capacity);
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
    const clients = queues.map((queue, index) => {
      const form = index % 2 === 0 ? ('list' as const) : ('object' as const);
      const backend = BACKENDS[(index >> 1) % 2 === 0 ? index % 2 : 1 - (index % 2)] as BackendKind;
      const miscount = plant === 'miscount' && index === 0;
      const hang = plant === 'hang' && index === 0;
      return new Client({
        queue,
        form,
        backend,
        registry,
        service,
        alternative,
        random: random.fork(),
        miscount,
        hang,
      });
    });
    return new Storm(clients, random, registry, [service, alternative]);
  }

  /** Returns the number of registered breakers that use an engine. */
  breakers(backend: BackendKind): number {
    return [...this.#registry.getAll().values()].filter((breaker) => breaker.backend === backend).length;
  }

  /** Injects faults for a time in milliseconds, and waits for the recovery. Returns the failed checks. */
  async round(duration: number): Promise<string[]> {
    const end = performance.now() + duration;
    await Promise.all([
      injectFaults(this.#service, this.#random.fork(), end),
      injectFaults(this.#alternative, this.#random.fork(), end),
      this.#makeCalls(this.#random.fork(), end),
      this.#disposeBreakers(this.#random.fork(), end),
    ]);
    const problems = await this.#recover();
    return problems.length > 0 ? problems : this.#check();
  }

  /** Returns a message for each client with the number of its calls in flight. */
  callsInFlight(): string[] {
    return this.clients.map(({ name, callsInFlight }) => `${name}: ${callsInFlight} calls`);
  }

  totals(): Totals {
    const rejected = ({ adaptiveBulkhead, bulkhead, rateLimit, shedLoad }: Client['policies']) =>
      adaptiveBulkhead.getStats().totalRejected +
      bulkhead.getStats().totalRejected +
      rateLimit.getStats().totalRejected +
      shedLoad.getStats().totalShed;
    const calls = this.#sum((client) => client.calls);
    const failed = this.#sum((client) => client.failures);
    const answered = this.#sum(({ answers }) => answers['call'] ?? 0);
    const cached = this.#sum(({ answers }) => answers['cache'] ?? 0);
    return {
      calls,
      answered,
      cached,
      fallback: calls - failed - answered - cached,
      failed,
      retries: this.#sum(({ policies }) => policies.retry.getStats().totalRetries),
      hedges: this.#sum(({ policies }) => policies.hedge.getStats().totalHedges),
      shed: this.#sum(({ policies }) => rejected(policies)),
      opened: this.#sum(({ rejectEvents }) => rejectEvents),
      queued: this.#sum(({ queue }) => queue.added),
      done: this.#sum(({ queue }) => queue.completed),
      dead: this.#sum(({ queue }) => queue.buried),
      seen: this.#service.service.seen + this.#alternative.service.seen,
    };
  }

  async end(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    for (const breaker of this.#registry.getAll().values()) breaker.dispose();
    await Promise.all([this.#service, this.#alternative].map(({ service }) => service.stop()));
  }

  /** Makes calls at random intervals, and bursts of calls from time to time. */
  async #makeCalls(random: Random, end: number): Promise<void> {
    while (performance.now() < end) {
      for (const client of this.clients) {
        const calls = random.chance(0.02) ? random.below(40) : random.below(3);
        for (let call = 0; call < calls; call++) void client.start();
      }
      await sleep(random.between(2, 20));
    }
  }

  async #disposeBreakers(random: Random, end: number): Promise<void> {
    while (performance.now() < end) {
      const backend = BACKENDS[this.#disposals++ % BACKENDS.length] as BackendKind;
      this.#disposalChecks.push(...(await disposeInFlight(this.#registry, backend, this.#service, random)));
      await sleep(random.between(0, 500));
    }
  }

  /** Waits until every client gets answers again and its queue is empty. Returns a message for each that does not. */
  async #recover(): Promise<string[]> {
    const end = performance.now() + LONGEST_RECOVERY;
    const problems = await Promise.all(
      this.clients.map(async (client) => {
        await client.queue.sortDeadLetters();
        for (;;) {
          const hasRecovered = await client.hasRecovered();
          await sleep(20);
          const remaining = await client.queue.remaining();
          await client.settled();
          if (hasRecovered && remaining === 0) return [];
          if (performance.now() > end) return [`${client.name}: has not recovered, ${remaining} messages are left`];
        }
      }),
    );
    // Makes the services report every request.
    await Promise.all([this.#service, this.#alternative].map(({ service }) => service.enter('none')));
    return problems.flat();
  }

  async #check(): Promise<string[]> {
    const clientChecks = await Promise.all(this.clients.map((client) => client.checks()));
    const checks = [
      ...clientChecks.flat(),
      ...this.#disposalChecks.splice(0),
      ...this.#service.checks(),
      ...this.#alternative.checks(),
      ...this.#sharedChecks(),
    ];
    this.checks += checks.length;
    return failuresOf(checks);
  }

  /** Returns checks of the alternative provider and the retry budget, which the clients share. */
  #sharedChecks(): Check[] {
    const budget = (this.#registry.retryBudget as RetryBudget).getStats();
    const other = this.#registry.for('other').getStats();
    const alternatives = this.#sum((client) => client.alternatives);
    const attempts = this.#sum(
      ({ policies: { retry, hedge } }) => retry.getStats().totalRetries + hedge.getStats().totalHedges,
    );
    const overBudget = this.#sum(
      ({ policies: { retry, hedge } }) => retry.getStats().totalOverBudget + hedge.getStats().totalOverBudget,
    );
    const failures = this.#sum((client) => client.failures);
    return [
      equal('requests to the other provider', this.#alternative.requests, alternatives),
      equal('calls to the other provider', other.totalRequests - other.totalRejected, alternatives),
      equal('calls to the other provider in flight', other.inFlight, 0),
      equal('attempts that the budget refused', budget.totalRefused, overBudget),
      // A retry that the budget has granted is not made if its caller aborts during the delay.
      within('attempts that the budget granted', budget.totalGranted, attempts, attempts + failures),
    ];
  }

  #sum(count: (client: Client) => number): number {
    return this.clients.reduce((total, client) => total + count(client), 0);
  }
}

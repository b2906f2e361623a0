import type { Exemplar, Family, FamilyHead, Sample } from './families.ts';

/** Registry of `@prometheus-io/client` or `prom-client`: the part that this package uses. */
export interface ClientRegistry {
  registerMetric(metric: never): void;
  removeSingleMetric(name: string): void;
}

/** Registers one metric for each of `heads`, whose values `read` returns at a scrape. Returns a function that removes them. */
export function register(
  registry: ClientRegistry,
  heads: readonly FamilyHead[],
  read: () => readonly Family[],
): () => void {
  const metrics: ClientMetric[] = [];
  const remove = () => {
    for (const { name } of metrics) registry.removeSingleMetric(name);
  };
  const scrape = new Scrape(read);
  try {
    for (const head of heads) {
      const metric = new ClientMetric(head, scrape);
      registry.registerMetric(metric as never);
      metrics.push(metric);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}

/** Values of all metrics at one scrape. A client asks for each metric by itself, all in one turn. */
class Scrape {
  readonly #read: () => readonly Family[];
  #families: ReadonlyMap<string, Family> | undefined;

  constructor(read: () => readonly Family[]) {
    this.#read = read;
  }

  samplesOf(name: string): readonly Sample[] {
    if (this.#families === undefined) {
      this.#families = new Map(this.#read().map((family) => [family.name, family]));
      queueMicrotask(() => (this.#families = undefined));
    }
    return this.#families.get(name)?.samples ?? [];
  }
}

/** Metric in the form in which both clients keep their own. */
class ClientMetric {
  /** Name. A registry of OpenMetrics takes the end `_total` from that of a counter. */
  name: string;
  readonly help: string;
  readonly type: Family['type'];
  readonly aggregator: 'sum' | 'average';
  readonly labelNames: readonly string[] = [];
  readonly #family: string;
  readonly #scrape: Scrape;

  constructor({ name, help, type, aggregator = 'sum' }: FamilyHead, scrape: Scrape) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.aggregator = aggregator;
    this.#family = name;
    this.#scrape = scrape;
  }

  get(): object {
    const { name, help, type, aggregator } = this;
    const values = this.#scrape.samplesOf(this.#family).map(({ suffix, labels, value, exemplar }) => ({
      labels: { ...labels },
      value,
      metricName: suffix === '' ? undefined : `${name}${suffix}`,
      exemplar: exemplar && clientExemplar(exemplar),
    }));
    return { name, help, type, aggregator, values };
  }

  /** Does nothing: the values are those of breakers, which a registry does not reset. */
  reset(): void {}
}

function clientExemplar({ labels, value, time }: Exemplar): object {
  return { labelSet: labels, value, timestamp: time };
}

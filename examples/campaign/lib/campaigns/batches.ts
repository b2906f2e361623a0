/** Options of {@link Batches}. */
export interface BatchesOptions<Item, Result> {
  /** Does a batch, and resolves with a result for each item, in the same order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Whether a failed batch is to be repeated item by item: one of them may be the reason. */
  readonly isOfOneItem: (error: unknown) => boolean;
  /** Most items of a batch. */
  readonly size?: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Batches of calls. While one batch runs, further calls wait and are the next one: the busier the program, the larger it is. */
export class Batches<Item, Result> {
  readonly #options: BatchesOptions<Item, Result>;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #isRunning = false;

  constructor(options: BatchesOptions<Item, Result>) {
    this.#options = options;
  }

  /** Does an item with the next batch. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      // Calls that begin in the same turn belong to the first batch.
      setImmediate(() => void this.#runAll());
    });
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#run(this.#waiting.splice(0, this.#options.size ?? 250));
    this.#isRunning = false;
  }

  async #run(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      if (batch.length > 1 && this.#options.isOfOneItem(error)) for (const each of batch) await this.#run([each]);
      else for (const { reject } of batch) reject(error);
    }
  }
}

/** Listeners of alerts, by the names of their events. A listener that throws or rejects affects nobody else. */
export class Listeners<Events extends object> {
  readonly #names: readonly (keyof Events)[];
  readonly #onFault: (message: string, error: unknown) => void;
  readonly #subscriptions = new Set<readonly [name: keyof Events, listener: (event: never) => unknown]>();

  constructor(names: readonly (keyof Events)[], onFault: (message: string, error: unknown) => void) {
    this.#names = names;
    this.#onFault = onFault;
  }

  /**
   * Adds a listener. Returns a function that removes it.
   *
   * @throws {TypeError} if there is no such event, or `listener` is not a function.
   */
  add(name: keyof Events, listener: (event: never) => unknown): () => void {
    if (!this.#names.includes(name)) throw new TypeError(`Alerts: there is no event ${JSON.stringify(String(name))}`);
    if (typeof listener !== 'function') throw new TypeError('Alerts: a listener must be a function');
    const subscription = [name, listener] as const;
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  /** Calls the listeners of an event. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const [subscribed, listener] of [...this.#subscriptions]) {
      if (subscribed !== name) continue;
      const onFault = (error: unknown) => this.#onFault(`a listener of '${String(name)}' failed`, error);
      try {
        Promise.resolve(listener(event as never)).catch(onFault);
      } catch (error) {
        onFault(error);
      }
    }
  }
}

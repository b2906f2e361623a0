import { cloneResponse, isResponse, isStream, StoredResponse } from './stored-response.ts';

/** Option `copy` of a cache. A method, so that a function may take the type of the values. */
export type CopyOption = 'response' | { copy(value: unknown): unknown }['copy'];

/** Makes the copies of a value that several callers receive. */
export class ValueCopier {
  readonly #copy: CopyOption | undefined;

  constructor(copy: CopyOption | undefined) {
    this.#copy = copy;
  }

  /** Returns the reason why a value cannot be given to several callers, or undefined if it can. */
  problemOf(value: unknown): string | undefined {
    if (typeof this.#copy === 'function') return undefined;
    if (isResponse(value)) {
      return this.#copy === 'response'
        ? undefined
        : "a Response, whose body can be read once: return the parsed body, or set copy: 'response'";
    }
    return isStream(value)
      ? 'a stream, which can be read once: return its content, or set copy to a function'
      : undefined;
  }

  /** Returns a copy of a value, for callers that have joined its call. */
  keep(value: unknown): unknown {
    return isResponse(value) && this.#copy === 'response' ? (cloneResponse(value) ?? value) : this.#copied(value);
  }

  /**
   * Calls back with the form in which a value is stored: at once, or for a response when its body is complete. Calls back with
   * nothing if the value cannot be stored.
   */
  store(value: unknown, done: (stored?: { readonly value: unknown }) => void): void {
    if (!isResponse(value) || this.#copy !== 'response') {
      done({ value: this.#copied(value) });
      return;
    }
    const reading = StoredResponse.read(value);
    if (reading === undefined) done();
    else
      void reading.then(
        (stored) => done({ value: stored }),
        () => done(),
      );
  }

  /** Returns the value for a caller from its stored form. */
  fromStored(stored: unknown): unknown {
    return stored instanceof StoredResponse ? stored.copy() : this.#copied(stored);
  }

  #copied(value: unknown): unknown {
    return typeof this.#copy === 'function' ? this.#copy(value) : value;
  }
}

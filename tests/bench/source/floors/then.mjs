import { performance } from 'node:perf_hooks';
import { openRejection, Rejecting, asPromise } from './promises.mjs';

/** The best wrapper shape without a timeout: one `then`, its two handlers made once per generation. */
export class ThenBreaker {
  #core;
  #word = -1;
  #onSuccess;
  #onFailure;

  /** @param {import('./core.mjs').FloorCore} core */
  constructor(core) {
    this.#core = core;
    this.#arm();
  }

  execute(fn) {
    const core = this.#core;
    if ((core.word & 3) !== 0 && !core.admit(performance.now())) return openRejection();
    if (core.word !== this.#word) this.#arm();
    let promise;
    try {
      promise = fn();
    } catch (error) {
      core.record(this.#word, false, performance.now());
      return Promise.reject(error);
    }
    return asPromise(promise).then(this.#onSuccess, this.#onFailure);
  }

  #arm() {
    const core = this.#core;
    const word = core.word;
    this.#word = word;
    this.#onSuccess = (value) => {
      core.record(word, true, performance.now());
      return value;
    };
    this.#onFailure = (error) => {
      core.record(word, false, performance.now());
      return new Rejecting(error);
    };
  }
}

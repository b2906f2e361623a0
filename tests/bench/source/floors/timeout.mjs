import { performance } from 'node:perf_hooks';
import { asPromise, openRejection } from './promises.mjs';

/** The best wrapper shape with a timeout: a pooled slot per call in one list of deadlines, one timer for its head. */
export class TimeoutBreaker {
  #core;
  #list;

  /**
   * @param {import('./core.mjs').FloorCore} core
   * @param {number} timeout milliseconds
   */
  constructor(core, timeout) {
    this.#core = core;
    this.#list = DeadlineList.for(timeout);
  }

  execute(fn) {
    const core = this.#core;
    const now = performance.now();
    if ((core.word & 3) !== 0 && !core.admit(now)) return openRejection();
    let promise;
    try {
      promise = fn();
    } catch (error) {
      core.record(core.word, false, performance.now());
      return Promise.reject(error);
    }
    const slot = this.#list.take(core, now);
    const result = new Promise(slot.hold);
    asPromise(promise).then(slot.onSuccess, slot.onFailure);
    return result;
  }
}

/** All calls with the same timeout end in the order of their starts, so the head is always the next to expire. */
class DeadlineList {
  static #lists = new Map();
  #head = undefined;
  #tail = undefined;
  #free = undefined;
  #timer = undefined;
  #timeout;

  static for(timeout) {
    let list = DeadlineList.#lists.get(timeout);
    if (list === undefined) DeadlineList.#lists.set(timeout, (list = new DeadlineList(timeout)));
    return list;
  }

  constructor(timeout) {
    this.#timeout = timeout;
  }

  take(core, now) {
    let slot = this.#free;
    if (slot === undefined) slot = new Slot(this);
    else this.#free = slot.next;
    slot.core = core;
    slot.word = core.word;
    slot.deadline = now + this.#timeout;
    slot.next = undefined;
    slot.previous = this.#tail;
    if (this.#tail === undefined) {
      this.#head = slot;
      this.#wake();
    } else {
      this.#tail.next = slot;
    }
    this.#tail = slot;
    return slot;
  }

  /** Takes the slot out of the list; a slot that expired is not used again, for its handlers may still be called. */
  release(slot, reusable) {
    if (slot.previous === undefined) this.#head = slot.next;
    else slot.previous.next = slot.next;
    if (slot.next === undefined) this.#tail = slot.previous;
    else slot.next.previous = slot.previous;
    slot.core = slot.resolve = slot.reject = slot.previous = undefined;
    slot.next = undefined;
    if (reusable) {
      slot.next = this.#free;
      this.#free = slot;
    }
    if (this.#head === undefined) this.#timer.unref();
  }

  #wake() {
    if (this.#timer === undefined) this.#timer = setTimeout(this.#expire, this.#timeout);
    else this.#timer.ref();
  }

  #expire = () => {
    const now = performance.now();
    this.#timer = undefined;
    while (this.#head !== undefined && this.#head.deadline <= now) this.#head.expire(now);
    if (this.#head !== undefined) this.#timer = setTimeout(this.#expire, this.#head.deadline - now);
  };
}

class Slot {
  core = undefined;
  word = 0;
  deadline = 0;
  resolve = undefined;
  reject = undefined;
  previous = undefined;
  next = undefined;

  constructor(list) {
    this.list = list;
    this.hold = (resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    };
    this.onSuccess = (value) => {
      if (this.core === undefined) return;
      const { core, word, resolve } = this;
      list.release(this, true);
      core.record(word, true, performance.now());
      resolve(value);
    };
    this.onFailure = (error) => {
      if (this.core === undefined) return;
      const { core, word, reject } = this;
      list.release(this, true);
      core.record(word, false, performance.now());
      reject(error);
    };
  }

  expire(now) {
    const { core, word, reject, list } = this;
    list.release(this, false);
    core.record(word, false, now);
    reject(new Error('call timed out'));
  }
}

// The loops around a call. Each process imports this file twice, under two addresses (`?bare` and `?contender`), so
// that V8 compiles and profiles the two sets apart: a loop shared by both would see two targets at its call site.
// Every loop adds up what the calls resolve to: a contender that loses or alters a value aborts the run.

/**
 * @typedef {(breaker: any, fn: () => Promise<number>) => PromiseLike<any>} Call
 */

/**
 * @param {Call} call
 * @param {any} breaker
 * @param {() => Promise<number>} fn
 * @param {number} count
 */
export async function oneByOne(call, breaker, fn, count) {
  let sum = 0;
  for (let done = 0; done < count; done++) sum += await call(breaker, fn);
  return sum;
}

/**
 * @param {Call} call
 * @param {any} breaker
 * @param {() => Promise<number>} fn
 * @param {number} count
 */
export async function caught(call, breaker, fn, count) {
  let sum = 0;
  for (let done = 0; done < count; done++) {
    try {
      sum += await call(breaker, fn);
    } catch {
      // The sum says how many came here.
    }
  }
  return sum;
}

/**
 * @param {Call} call resolves to `{ status }`
 * @param {any} breaker
 * @param {() => Promise<number>} fn
 * @param {number} count
 */
export async function byStatus(call, breaker, fn, count) {
  let sum = 0;
  for (let done = 0; done < count; done++) {
    if ((await call(breaker, fn)).status !== 'rejected') sum++;
  }
  return sum;
}

/**
 * Starts `pending.length` calls before it awaits the first, again and again until `count` calls are done.
 * @param {Call} call
 * @param {any} breaker
 * @param {() => Promise<number>} fn
 * @param {number} count a multiple of `pending.length`
 * @param {any[]} pending
 */
export async function inFlight(call, breaker, fn, count, pending) {
  let sum = 0;
  for (let done = 0; done < count; done += pending.length) {
    for (let index = 0; index < pending.length; index++) pending[index] = call(breaker, fn);
    for (let index = 0; index < pending.length; index++) sum += await pending[index];
  }
  return sum;
}

/**
 * @param {Call} call
 * @param {any[]} breakers called in turn
 * @param {() => Promise<number>} fn
 * @param {number} count
 */
export async function roundRobin(call, breakers, fn, count) {
  let sum = 0;
  let next = 0;
  for (let done = 0; done < count; done++) {
    sum += await call(breakers[next], fn);
    if (++next === breakers.length) next = 0;
  }
  return sum;
}

import { contenders as bare } from './bare.mjs';
import { contenders as callbacks } from './callbacks.mjs';
import { contenders as clients } from './clients.mjs';
import { contenders as cockatiel } from './cockatiel.mjs';
import { contenders as floor } from './floor.mjs';
import { contenders as fusewire } from './fusewire.mjs';
import { contenders as mollitia } from './mollitia.mjs';
import { contenders as opossum } from './opossum.mjs';
import { contenders as policies } from './policies.mjs';

/**
 * Requirement of a case on the circuit. `standard`: the contender's own rule, which a run of successes does not touch.
 * `neverOpens`: the same rule, out of reach of 15 failures in 16 calls. `staysOpen`: the same rule, and an open time
 * longer than any run. `window`: size of a count window, in calls.
 * @typedef {{ circuit: 'standard' | 'neverOpens' | 'staysOpen', window?: number }} Wish
 */

/**
 * One library in one configuration.
 * @typedef {object} Contender
 * @property {string} name `library/configuration`
 * @property {string} library npm name, or 'none'
 * @property {() => Promise<void>} load imports the library
 * @property {(fn: () => Promise<number>, wish: Wish) => any} make a breaker around fn
 * @property {(breaker: any, fn: () => Promise<number>) => PromiseLike<any>} call one call of fn through the breaker
 * @property {(breaker: any, fn: () => Promise<number>) => PromiseLike<{ status: string }>} [callForStatus]
 */

/** Circuit breakers. @type {readonly Contender[]} */
export const contenders = [...bare, ...floor, ...fusewire, ...cockatiel, ...opossum, ...callbacks, ...mollitia];

/** @param {string} name */
export function contenderNamed(name) {
  const found = [...contenders, ...policies, ...clients].find((contender) => contender.name === name);
  if (found === undefined) throw new Error(`no contender is named ${name}`);
  return found;
}

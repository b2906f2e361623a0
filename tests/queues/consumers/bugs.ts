import type { Bug } from '../model/bugs.ts';

const plant =
  (file: string) =>
  (name: string, text: string, instead: string): Bug => {
    return { name, subject: 'consumers', file: `npm/fusewire/src/queue/${file}`, text, instead };
  };
const worker = plant('lease-worker.ts');
const lease = plant('message-lease.ts');
const consumer = plant('consumer.ts');

/** Bugs, each of which the simulation must find. Those marked as real were found by it, by the campaign or by users. */
export const bugs: readonly Bug[] = [
  worker(
    'a claim without an answer ends the consumer (real)',
    'const messages = await this.#inTime(claim, SAFE_SHARE);',
    'const messages = await claim;',
  ),
  worker(
    'an operation starts after its lease (real)',
    'if (this.#areOver(claimedAt)) void this.#giveBack(message, token);\n      else this.#run(',
    'this.#run(',
  ),
  worker(
    'a suspended consumer claims its own message (real)',
    'if (renewals !== undefined) await',
    'if (renewals === null) await',
  ),
  worker(
    'an error of the store ends the consumer (real)',
    'this.#blockedUntil = defaultClock() + delay;\n    this.#arm(delay);',
    'this.#blockedUntil = defaultClock() + delay;',
  ),
  worker(
    'a settlement without an answer holds its message for ever (real)',
    'const isTaken = await this.#inTime(applied, WAITING_SHARE);',
    'const isTaken = await applied;',
  ),
  worker(
    'a message that is not taken back ends the consumer (real)',
    'await this.#inTime(Promise.all(givenBack',
    'await Promise.resolve(Promise.all(givenBack',
  ),
  worker('an empty queue ends the consumer (real)', 'if (!this.#hasMore) this.#arm(pollInterval);', ''),
  worker(
    'a full claim is the last one',
    'if (this.#isWoken || this.#hasMore) this.#next();',
    'if (this.#isWoken) this.#next();',
  ),
  worker(
    'a settlement is not repeated',
    'const delay = Math.min(this.#settings.leaseTime / 10',
    'return this.#hooks.settled(message, settlement);\n      const delay = Math.min(this.#settings.leaseTime / 10',
  ),
  worker(
    'closing keeps the leases',
    'else if (this.#isClosed) await this.#giveBack(lease.message, lease.token);',
    'else if (this.#isClosed) return;',
  ),
  lease(
    'no heartbeat is sent',
    'this.#nextBeat = claimedAt + leaseTime / 3;',
    'this.#nextBeat = claimedAt + leaseTime * 30;\n    this.#deadline = this.#nextBeat;',
  ),
  lease(
    'a heartbeat without an answer keeps the lease',
    'const due = this.#beating !== undefined ? this.#deadline :',
    'if (this.#beating !== undefined) return;\n    const due =',
  ),
  lease('a lost lease does not abort its operation', 'this.#controller.abort(reason);', ''),
  lease('a lost lease is kept', 'if (!held) return this.#lose();', ''),
  consumer(
    'a pause after failures never ends',
    'this.#isOutage = false;\n      this.#resumeWorker();',
    'this.#resumeWorker();',
  ),
];

/**
 * The least a time-window breaker can be in JavaScript: ten buckets of one second, a failure rate, an open time of one
 * minute, one probe, generations. It has no options checks, no events, no statistics and no durations: a floor for the
 * speed of the real ones, not a breaker to use.
 */
export class FloorCore {
  /** Generation and state in one number: `generation << 2 | state`; 0 closed, 1 open, 2 half-open. */
  word = 0;
  #successes = new Uint32Array(10);
  #failures = new Uint32Array(10);
  #totalSuccesses = 0;
  #totalFailures = 0;
  #bucket = 0;
  #bucketEnd = 0;
  #openUntil = 0;
  #probing = false;
  #failureRate;
  #minimumCalls;

  /** @param {{ failureRate: number, minimumCalls: number }} options */
  constructor(options) {
    this.#failureRate = options.failureRate;
    this.#minimumCalls = options.minimumCalls;
  }

  /** Whether a call may go while the circuit is not closed. */
  admit(now) {
    if ((this.word & 3) === 1) {
      if (now < this.#openUntil) return false;
      this.#move(2);
    }
    if ((this.word & 3) === 2) {
      if (this.#probing) return false;
      this.#probing = true;
    }
    return true;
  }

  /** Takes the outcome of a call that was admitted under `word`. */
  record(word, succeeded, now) {
    if (word !== this.word) return;
    if ((word & 3) === 2) {
      this.#probing = false;
      if (succeeded) this.#move(0);
      else this.#open(now);
      return;
    }
    if (now >= this.#bucketEnd) this.#roll(now);
    if (succeeded) {
      this.#successes[this.#bucket]++;
      this.#totalSuccesses++;
      return;
    }
    this.#failures[this.#bucket]++;
    const failures = ++this.#totalFailures;
    const calls = failures + this.#totalSuccesses;
    if (calls >= this.#minimumCalls && failures >= calls * this.#failureRate) this.#open(now);
  }

  #roll(now) {
    let steps = Math.min(10, Math.ceil((now - this.#bucketEnd) / 1000 + Number.EPSILON));
    if (steps < 1) steps = 1;
    for (; steps > 0; steps--) {
      this.#bucket = (this.#bucket + 1) % 10;
      this.#totalSuccesses -= this.#successes[this.#bucket];
      this.#totalFailures -= this.#failures[this.#bucket];
      this.#successes[this.#bucket] = 0;
      this.#failures[this.#bucket] = 0;
    }
    this.#bucketEnd = now + 1000;
  }

  #open(now) {
    this.#openUntil = now + 60_000;
    this.#move(1);
  }

  #move(state) {
    this.word = (((this.word >> 2) + 1) << 2) | state;
    this.#probing = false;
    this.#successes.fill(0);
    this.#failures.fill(0);
    this.#totalSuccesses = 0;
    this.#totalFailures = 0;
  }
}

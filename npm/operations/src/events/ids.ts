const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';
const TIME_LENGTH = 9;
const NUMBER_LENGTH = 4;
const MOST_OF_ONE_TIME = 36 ** NUMBER_LENGTH;

/**
 * Maker of ids, which sort as texts by time. An id is the time in milliseconds, a number within it, and the mark of the process.
 * If the clock is set back, ids go on from the latest time.
 */
export class EventIds {
  readonly #mark = randomText(7);
  #time = 0;
  #number = 0;

  /** Returns the next id. */
  next(now: number): string {
    const time = Math.floor(now);
    if (time > this.#time) {
      this.#time = time;
      this.#number = 0;
    } else if (++this.#number >= MOST_OF_ONE_TIME) {
      this.#time++;
      this.#number = 0;
    }
    return padded(this.#time, TIME_LENGTH) + padded(this.#number, NUMBER_LENGTH) + this.#mark;
  }
}

/** Returns random digits and letters. */
export function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => DIGITS[byte % DIGITS.length]).join('');
}

function padded(value: number, length: number): string {
  return value.toString(36).padStart(length, '0');
}

const MINUTE = 60_000;
const HOUR = 60;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The minutes of a week as clocks on the wall of a time zone show them, from Monday on. */
export class WeekClock {
  readonly #format: Intl.DateTimeFormat;

  /** @throws {RangeError} if there is no such time zone. */
  constructor(timeZone: string | undefined) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** The minute of the week at a time, in milliseconds since 1970. */
  minuteAt(time: number): number {
    const shown: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of this.#format.formatToParts(time)) shown[type] = value;
    return DAYS.indexOf(shown.weekday as string) * DAY + Number(shown.hour) * HOUR + Number(shown.minute);
  }

  /**
   * When so many minutes have passed on the wall, or the clock there is put forward or back, whichever comes first. No time
   * zone does so twice within a week.
   */
  after(time: number, minutes: number): number {
    const start = Math.floor(time / MINUTE);
    const offset = this.#offsetAt(start);
    let [same, other] = [start, start + minutes];
    if (this.#offsetAt(other) === offset) return other * MINUTE;
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (this.#offsetAt(middle) === offset) same = middle;
      else other = middle;
    }
    return other * MINUTE;
  }

  /** By how many minutes the wall is ahead of the time, whichever week it is. */
  #offsetAt(minute: number): number {
    return (((this.minuteAt(minute * MINUTE) - minute) % WEEK) + WEEK) % WEEK;
  }
}

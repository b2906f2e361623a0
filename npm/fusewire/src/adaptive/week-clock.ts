const MINUTE = 60_000;
const HOUR = 60;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Local wall-clock time of a time zone, as the minute of the week. Minute 0 is Monday, 00:00. */
export class WeekClock {
  readonly #format: Intl.DateTimeFormat;

  /** @throws {RangeError} if the time zone is unknown. */
  constructor(timeZone: string | undefined) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** Returns the minute of the week at a time, in milliseconds since 1970. */
  minuteAt(time: number): number {
    const fields: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of this.#format.formatToParts(time)) fields[type] = value;
    return DAYS.indexOf(fields.weekday as string) * DAY + Number(fields.hour) * HOUR + Number(fields.minute);
  }

  /**
   * Returns the time when a number of minutes has passed, or when the UTC offset changes, whichever is first. No time zone
   * changes its offset twice within a week.
   */
  after(time: number, minutes: number): number {
    const start = Math.floor(time / MINUTE);
    const offset = this.#offsetAt(start);
    // Binary search for the change of the offset: `before` has the offset of the start, `after` another one.
    let [before, after] = [start, start + minutes];
    if (this.#offsetAt(after) === offset) return after * MINUTE;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.#offsetAt(middle) === offset) before = middle;
      else after = middle;
    }
    return after * MINUTE;
  }

  /** Returns the UTC offset at a minute since 1970, modulo a week. */
  #offsetAt(minute: number): number {
    return (((this.minuteAt(minute * MINUTE) - minute) % WEEK) + WEEK) % WEEK;
  }
}

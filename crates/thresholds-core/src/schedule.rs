//! Schedule of thresholds over the week.

use alloc::boxed::Box;
use breaker_core::problems::Range;

/// Minutes of a day.
pub const DAY: u32 = 1_440;
/// Minutes of a week. Minute 0 is the first of Monday.
pub const WEEK: u32 = 7 * DAY;
/// Largest number of entries.
pub const MOST_ENTRIES: usize = 100;

const DAYS_OF_A_WEEK: u32 = 7;
const FROM: Range = Range::whole(0.0, (DAY - 1) as f64);
const TO: Range = Range::whole(1.0, DAY as f64);

/// Settings of one entry: on the days of `days`, from minute `from` of the day to minute `to`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntrySettings {
    /// Days on which the entry begins, one bit each; the lowest is Monday.
    pub days: u8,
    /// First minute of the day: 0 to 1 439.
    pub from: f64,
    /// End of the entry, exclusive: 1 to 1 440. An end that is not after `from` is on the following day.
    pub to: f64,
}

/// Error: the entries are invalid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidSchedule;

/// Validated entries of a week that repeats.
///
/// The first active entry wins. Minutes are local wall-clock time. When daylight saving starts, the skipped minutes
/// never match; when it ends, the repeated hour matches twice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Schedule(Box<[Entry]>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Entry {
    days: u8,
    from: u32,
    length: u32,
}

impl Schedule {
    /// Creates a schedule.
    ///
    /// # Errors
    /// The number of entries is 0 or above [`MOST_ENTRIES`], or an entry is invalid.
    pub fn new(entries: &[EntrySettings]) -> Result<Self, InvalidSchedule> {
        let count = 1..=MOST_ENTRIES;
        if count.contains(&entries.len()) && entries.iter().all(EntrySettings::is_valid) {
            Ok(Self(entries.iter().map(Entry::from).collect()))
        } else {
            Err(InvalidSchedule)
        }
    }

    /// Returns the index of the entry that is active at a minute of the week.
    #[must_use]
    pub fn entry_at(&self, minute: u32) -> Option<usize> {
        self.0.iter().position(|entry| entry.is_active_at(minute))
    }

    /// Returns the number of minutes until another entry is active; `None` if that never happens. The cost is linear
    /// in that number, so callers cache the result.
    #[must_use]
    pub fn next_change(&self, minute: u32) -> Option<u32> {
        let minute = minute % WEEK;
        let holding = self.entry_at(minute);
        (1..=WEEK).find(|later| self.entry_at(minute.saturating_add(*later)) != holding)
    }
}

impl Entry {
    /// Whether the entry began on that day, or began on the day before and has not ended.
    fn is_active_at(&self, minute: u32) -> bool {
        let day = minute / DAY;
        let begun_today = (minute % DAY).checked_sub(self.from);
        let begun_before = (minute % DAY).saturating_add(DAY).saturating_sub(self.from);
        (self.begins_on(day) && begun_today.is_some_and(|since| since < self.length))
            || (self.begins_on(day.saturating_add(DAYS_OF_A_WEEK - 1))
                && begun_before < self.length)
    }

    fn begins_on(&self, day: u32) -> bool {
        self.days.wrapping_shr(day % DAYS_OF_A_WEEK) & 1 == 1
    }
}

impl EntrySettings {
    fn is_valid(&self) -> bool {
        let days = self.days > 0 && self.days < 1 << DAYS_OF_A_WEEK;
        days && FROM.holds(self.from) && TO.holds(self.to) && self.from != self.to
    }
}

impl From<&EntrySettings> for Entry {
    fn from(settings: &EntrySettings) -> Self {
        let (from, to) = (settings.from as u32, settings.to as u32);
        let end = if to > from {
            to
        } else {
            to.saturating_add(DAY)
        };
        Self {
            days: settings.days,
            from,
            length: end.saturating_sub(from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEKDAYS: u8 = 0b001_1111;
    const EVERY_DAY: u8 = 0b111_1111;
    const FRIDAY: u32 = 4 * DAY;
    const SUNDAY: u32 = 6 * DAY;

    fn entry(days: u8, from: u32, to: u32) -> EntrySettings {
        EntrySettings {
            days,
            from: f64::from(from),
            to: f64::from(to),
        }
    }

    fn schedule(entries: &[EntrySettings]) -> Schedule {
        Schedule::new(entries).unwrap()
    }

    #[test]
    fn an_entry_is_active_from_its_first_minute_to_its_last() {
        let schedule = schedule(&[entry(WEEKDAYS, 8 * 60, 18 * 60)]);
        assert_eq!(schedule.entry_at(8 * 60 - 1), None);
        assert_eq!(schedule.next_change(8 * 60 - 1), Some(1));
        assert_eq!(schedule.entry_at(8 * 60), Some(0));
        assert_eq!(schedule.next_change(8 * 60), Some(10 * 60));
        assert_eq!(schedule.entry_at(18 * 60 - 1), Some(0));
        assert_eq!(schedule.entry_at(18 * 60), None);
    }

    #[test]
    fn the_week_repeats() {
        let schedule = schedule(&[entry(WEEKDAYS, 8 * 60, 18 * 60)]);
        assert_eq!(
            schedule.next_change(FRIDAY + 18 * 60),
            Some(6 * 60 + 2 * DAY + 8 * 60)
        );
        assert_eq!(schedule.entry_at(WEEK + 9 * 60), Some(0));
    }

    #[test]
    fn an_entry_may_run_over_midnight_and_over_the_end_of_the_week() {
        let schedule = schedule(&[entry(EVERY_DAY, 22 * 60, 6 * 60)]);
        assert_eq!(schedule.entry_at(0), Some(0));
        assert_eq!(schedule.entry_at(6 * 60), None);
        assert_eq!(schedule.next_change(SUNDAY + 23 * 60), Some(7 * 60));
    }

    #[test]
    fn the_first_active_entry_wins() {
        let lunch = entry(WEEKDAYS, 12 * 60, 13 * 60);
        let schedule = schedule(&[lunch, entry(WEEKDAYS, 8 * 60, 18 * 60)]);
        assert_eq!(schedule.entry_at(11 * 60), Some(1));
        assert_eq!(schedule.next_change(11 * 60), Some(60));
        assert_eq!(schedule.entry_at(12 * 60), Some(0));
        assert_eq!(schedule.entry_at(13 * 60), Some(1));
    }

    #[test]
    fn a_constant_schedule_never_changes() {
        let schedule = schedule(&[entry(EVERY_DAY, 0, DAY)]);
        assert_eq!(schedule.entry_at(1_234), Some(0));
        assert_eq!(schedule.next_change(1_234), None);
    }

    #[test]
    fn adjacent_minutes_of_one_entry_are_no_change() {
        let schedule = schedule(&[entry(0b11, 0, DAY)]);
        assert_eq!(schedule.next_change(0), Some(2 * DAY));
    }

    #[test]
    fn rejects_invalid_entries() {
        let valid = entry(1, 0, DAY);
        for wrong in [
            entry(0, 0, 60),
            entry(0x80, 0, 60),
            entry(1, DAY, 60),
            entry(1, 60, 0),
            entry(1, 60, 60),
            EntrySettings { from: 0.5, ..valid },
            EntrySettings {
                to: f64::NAN,
                ..valid
            },
        ] {
            assert_eq!(
                Schedule::new(&[valid, wrong]),
                Err(InvalidSchedule),
                "{wrong:?}"
            );
        }
        assert_eq!(Schedule::new(&[]), Err(InvalidSchedule));
        assert_eq!(Schedule::new(&[valid; 101]), Err(InvalidSchedule));
        assert!(Schedule::new(&[valid; 100]).is_ok());
    }
}

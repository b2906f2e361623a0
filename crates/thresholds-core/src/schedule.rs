//! Which thresholds hold at which time of the week.

use alloc::boxed::Box;
use breaker_core::problems::Range;

/// Minutes of a day.
pub const DAY: u32 = 1_440;
/// Minutes of a week. Minute 0 is the first of Monday.
pub const WEEK: u32 = 7 * DAY;
/// The most entries that a schedule has.
pub const MOST_ENTRIES: usize = 100;

const DAYS_OF_A_WEEK: u32 = 7;
const FROM: Range = Range::whole(0.0, (DAY - 1) as f64);
const TO: Range = Range::whole(1.0, DAY as f64);

/// One entry as given: on the days of `days`, from minute `from` of the day up to minute `to`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntrySettings {
    /// The days that it begins on, a bit for each; the lowest is Monday.
    pub days: u8,
    /// The first minute of the day that it holds at: 0 to 1 439.
    pub from: f64,
    /// The minute that it ends before: 1 to 1 440. One that is not after `from` is on the day that follows.
    pub to: f64,
}

/// What was given is no schedule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoSchedule;

/// Entries that have been proven sound, for a week that is repeated.
///
/// Where several entries hold, it is the first that counts. Minutes are those that a clock on the wall shows: where it is
/// put forward, the entries of the minutes left out do not hold; where it is put back, those of the minutes shown twice
/// hold twice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Schedule(Box<[Entry]>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Entry {
    days: u8,
    from: u32,
    length: u32,
}

impl Schedule {
    /// The schedule of these entries.
    ///
    /// # Errors
    /// There are none, more than [`MOST_ENTRIES`], or one of them is none.
    pub fn new(entries: &[EntrySettings]) -> Result<Self, NoSchedule> {
        let count = 1..=MOST_ENTRIES;
        if count.contains(&entries.len()) && entries.iter().all(EntrySettings::is_sound) {
            Ok(Self(entries.iter().map(Entry::from).collect()))
        } else {
            Err(NoSchedule)
        }
    }

    /// Which entry holds at a minute of the week; `None` where none does.
    #[must_use]
    pub fn entry_at(&self, minute: u32) -> Option<usize> {
        self.0.iter().position(|entry| entry.holds_at(minute))
    }

    /// In how many minutes another entry holds than at this minute of the week; `None` where that never comes. It looks at
    /// each minute until then, and is asked once for all of them.
    #[must_use]
    pub fn next_change(&self, minute: u32) -> Option<u32> {
        let minute = minute % WEEK;
        let holding = self.entry_at(minute);
        (1..=WEEK).find(|later| self.entry_at(minute.saturating_add(*later)) != holding)
    }
}

impl Entry {
    /// Whether it has begun on that day, or on the day before and is not over.
    fn holds_at(&self, minute: u32) -> bool {
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
    fn is_sound(&self) -> bool {
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
    fn an_entry_holds_from_its_first_minute_up_to_its_last() {
        let schedule = schedule(&[entry(WEEKDAYS, 8 * 60, 18 * 60)]);
        assert_eq!(schedule.entry_at(8 * 60 - 1), None);
        assert_eq!(schedule.next_change(8 * 60 - 1), Some(1));
        assert_eq!(schedule.entry_at(8 * 60), Some(0));
        assert_eq!(schedule.next_change(8 * 60), Some(10 * 60));
        assert_eq!(schedule.entry_at(18 * 60 - 1), Some(0));
        assert_eq!(schedule.entry_at(18 * 60), None);
    }

    #[test]
    fn the_week_begins_again() {
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
    fn the_first_of_several_counts() {
        let lunch = entry(WEEKDAYS, 12 * 60, 13 * 60);
        let schedule = schedule(&[lunch, entry(WEEKDAYS, 8 * 60, 18 * 60)]);
        assert_eq!(schedule.entry_at(11 * 60), Some(1));
        assert_eq!(schedule.next_change(11 * 60), Some(60));
        assert_eq!(schedule.entry_at(12 * 60), Some(0));
        assert_eq!(schedule.entry_at(13 * 60), Some(1));
    }

    #[test]
    fn what_always_holds_never_changes() {
        let schedule = schedule(&[entry(EVERY_DAY, 0, DAY)]);
        assert_eq!(schedule.entry_at(1_234), Some(0));
        assert_eq!(schedule.next_change(1_234), None);
    }

    #[test]
    fn neighbours_with_the_same_entry_are_no_change() {
        let schedule = schedule(&[entry(0b11, 0, DAY)]);
        assert_eq!(schedule.next_change(0), Some(2 * DAY));
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        let sound = entry(1, 0, DAY);
        for wrong in [
            entry(0, 0, 60),
            entry(0x80, 0, 60),
            entry(1, DAY, 60),
            entry(1, 60, 0),
            entry(1, 60, 60),
            EntrySettings { from: 0.5, ..sound },
            EntrySettings {
                to: f64::NAN,
                ..sound
            },
        ] {
            assert_eq!(Schedule::new(&[sound, wrong]), Err(NoSchedule), "{wrong:?}");
        }
        assert_eq!(Schedule::new(&[]), Err(NoSchedule));
        assert_eq!(Schedule::new(&[sound; 101]), Err(NoSchedule));
        assert!(Schedule::new(&[sound; 100]).is_ok());
    }
}

//! Which thresholds hold at which time of the week.

use alloc::boxed::Box;
use alloc::vec::Vec;
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

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wrong {
    /// There are none, or too many of them.
    Count,
    /// It holds on no day, or on one that is none.
    Days,
    /// It begins at no minute of a day.
    From,
    /// It ends at no minute of a day.
    To,
    /// It ends where it begins: a whole day is from 0 to 1 440.
    Empty,
}

/// One thing that is wrong with the entries of a schedule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EntryError {
    /// Which entry.
    pub entry: usize,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// Entries that have been proven sound, as a timetable of one week that is repeated.
///
/// Where several entries hold, it is the first that counts. Minutes are those that a clock on the wall shows: where it is
/// put forward, the entries of the minutes left out do not hold; where it is put back, those of the minutes shown twice
/// hold twice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Schedule {
    /// Each change in a week, in order, each to another entry than before.
    changes: Box<[Change]>,
    /// What holds where nothing changes.
    always: Option<usize>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Change {
    minute: u32,
    entry: Option<usize>,
}

struct Entry {
    days: u8,
    from: u32,
    length: u32,
}

impl Schedule {
    /// The schedule of these entries.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn new(entries: &[EntrySettings]) -> Result<Self, Vec<EntryError>> {
        let errors = errors_of(entries);
        if !errors.is_empty() {
            return Err(errors);
        }
        let entries: Vec<Entry> = entries.iter().map(Entry::from).collect();
        let mut minutes: Vec<u32> = entries.iter().flat_map(Entry::edges).collect();
        minutes.sort_unstable();
        minutes.dedup();
        let mut before = minutes.last().and_then(|last| holding(&entries, *last));
        let always = before;
        let mut changes = Vec::new();
        for minute in minutes {
            let entry = holding(&entries, minute);
            if entry != before {
                changes.push(Change { minute, entry });
                before = entry;
            }
        }
        Ok(Self {
            changes: changes.into_boxed_slice(),
            always,
        })
    }

    /// Which entry holds at a minute of the week; `None` where none does.
    #[must_use]
    pub fn entry_at(&self, minute: u32) -> Option<usize> {
        let after = self.first_after(minute % WEEK);
        let before = after
            .checked_sub(1)
            .and_then(|index| self.changes.get(index));
        before
            .or(self.changes.last())
            .map_or(self.always, |change| change.entry)
    }

    /// In how many minutes another entry holds than at this minute of the week; `None` where that never comes.
    #[must_use]
    pub fn next_change(&self, minute: u32) -> Option<u32> {
        let minute = minute % WEEK;
        if let Some(change) = self.changes.get(self.first_after(minute)) {
            return Some(change.minute.saturating_sub(minute));
        }
        let first = self.changes.first()?;
        Some(WEEK.saturating_sub(minute).saturating_add(first.minute))
    }

    fn first_after(&self, minute: u32) -> usize {
        self.changes
            .partition_point(|change| change.minute <= minute)
    }
}

impl Entry {
    /// Where in the week it begins and ends.
    fn edges(&self) -> impl Iterator<Item = u32> {
        let (from, length) = (self.from, self.length);
        self.begins().flat_map(move |day| {
            let begin = day.saturating_mul(DAY).saturating_add(from);
            [begin, begin.saturating_add(length) % WEEK]
        })
    }

    fn holds_at(&self, minute: u32) -> bool {
        self.begins().any(|day| {
            let begin = day.saturating_mul(DAY).saturating_add(self.from);
            let since = minute.saturating_add(WEEK).saturating_sub(begin) % WEEK;
            since < self.length
        })
    }

    fn begins(&self) -> impl Iterator<Item = u32> {
        let days = self.days;
        (0..DAYS_OF_A_WEEK).filter(move |day| days.wrapping_shr(*day) & 1 == 1)
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

fn holding(entries: &[Entry], minute: u32) -> Option<usize> {
    entries.iter().position(|entry| entry.holds_at(minute))
}

fn errors_of(entries: &[EntrySettings]) -> Vec<EntryError> {
    let mut errors = Vec::new();
    if entries.is_empty() || entries.len() > MOST_ENTRIES {
        let entry = entries.len();
        errors.push(EntryError {
            entry,
            wrong: Wrong::Count,
        });
    }
    for (entry, settings) in entries.iter().enumerate() {
        let mut report = |wrong| errors.push(EntryError { entry, wrong });
        if settings.days == 0 || settings.days >= 1 << DAYS_OF_A_WEEK {
            report(Wrong::Days);
        }
        if !FROM.holds(settings.from) {
            report(Wrong::From);
        }
        if !TO.holds(settings.to) {
            report(Wrong::To);
        }
        if settings.from == settings.to {
            report(Wrong::Empty);
        }
    }
    errors
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
    fn everything_wrong_is_told_at_once() {
        let told = Schedule::new(&[
            entry(0, 0, 60),
            entry(0x80, DAY, 0),
            entry(1, 60, 60),
            EntrySettings {
                days: 1,
                from: 0.5,
                to: f64::NAN,
            },
        ]);
        let told: Vec<_> = told
            .unwrap_err()
            .iter()
            .map(|error| (error.entry, error.wrong))
            .collect();
        assert_eq!(
            told,
            [
                (0, Wrong::Days),
                (1, Wrong::Days),
                (1, Wrong::From),
                (1, Wrong::To),
                (2, Wrong::Empty),
                (3, Wrong::From),
                (3, Wrong::To),
            ]
        );
        let none = Schedule::new(&[]).unwrap_err();
        assert_eq!(none.first().unwrap().wrong, Wrong::Count);
    }
}

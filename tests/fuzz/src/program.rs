//! Program of a fuzz input: operations on a few breakers, decoded from its bytes.

use crate::bytes::Bytes;
use crate::properties::{self, Readings};
use crate::values;
use breaker_bridge::{Configs, Problem, Table, Value, engine};
use breaker_core::Breaker;

/// Largest number of operations. No failure has needed more so far.
const LONGEST: usize = 400;
/// Largest number of breakers at a time.
const MOST_BREAKERS: usize = 4;
const MOST_PERMITS: usize = 16;
/// Three years, in milliseconds.
const THREE_YEARS: f64 = 1e11;

pub struct Program<'b> {
    bytes: Bytes<'b>,
    now: f64,
    /// Whether the clock has stayed within three years of its start.
    is_clock_plausible: bool,
    configs: Configs,
    breakers: Table<Subject>,
    handles: Vec<u32>,
}

/// A breaker under test, with its options and recent permits. Some of the permits have been settled.
struct Subject {
    breaker: Breaker,
    options: Value,
    permits: Vec<f64>,
    /// Token of an override, possibly of one that has ended.
    hold: u32,
    before: Readings,
    /// Whether the breaker does not come from a corrupted snapshot.
    is_uncorrupted: bool,
}

impl<'b> Program<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes: Bytes::new(bytes),
            now: 0.0,
            is_clock_plausible: true,
            configs: Configs::new(),
            breakers: Table::new(),
            handles: Vec::new(),
        }
    }

    pub fn run(mut self) {
        for _ in 0..LONGEST {
            if self.bytes.is_empty() {
                break;
            }
            self.now += self.bytes.step();
            self.is_clock_plausible &= self.now.abs() < THREE_YEARS;
            self.act();
        }
        for handle in self.handles {
            assert!(self.breakers.remove(handle).is_some());
        }
        assert!(self.breakers.is_empty());
    }

    fn act(&mut self) {
        let operation = self.bytes.choice(24);
        if self.handles.is_empty() || (operation == 0 && self.handles.len() < MOST_BREAKERS) {
            return self.create();
        }
        let handle = self.handles[self.bytes.choice(self.handles.len())];
        match operation {
            1 => self.free(handle),
            2 => self.restore(handle),
            _ => self.operate(handle, operation),
        }
    }

    fn create(&mut self) {
        let options = values::options(&mut self.bytes);
        let created = engine::create(&options, &mut self.configs, self.now);
        self.keep(created, options, true);
    }

    fn free(&mut self, handle: u32) {
        self.handles.retain(|held| *held != handle);
        assert!(self.breakers.remove(handle).is_some());
        assert!(self.breakers.get(handle).is_none());
    }

    /// Restores a breaker under a new handle, from its own snapshot, a corrupted one or any value.
    fn restore(&mut self, handle: u32) {
        let Some(subject) = self.breakers.get_mut(handle) else {
            return;
        };
        let snapshot = engine::snapshot(&mut subject.breaker, self.now);
        let options = subject.options.clone();
        if self.is_clock_plausible && subject.is_uncorrupted {
            properties::check_restore(&options, &snapshot, &mut self.configs, self.now);
        }
        if self.handles.len() >= MOST_BREAKERS {
            return;
        }
        let (snapshot, is_uncorrupted) = match self.bytes.choice(4) {
            0 => (snapshot, subject.is_uncorrupted),
            1 => (values::any(&mut self.bytes, 0), false),
            _ => (values::corrupted(snapshot, &mut self.bytes), false),
        };
        let created = engine::restore(&options, &snapshot, &mut self.configs, self.now);
        self.keep(created, options, is_uncorrupted);
    }

    fn keep(
        &mut self,
        created: Result<Breaker, Vec<Problem>>,
        options: Value,
        is_uncorrupted: bool,
    ) {
        match created {
            Ok(mut breaker) => {
                let before = properties::checked_readings(&mut breaker, &options, self.now);
                let subject = Subject {
                    breaker,
                    options,
                    permits: Vec::new(),
                    hold: 0,
                    before,
                    is_uncorrupted,
                };
                let handle = self.breakers.insert(subject).expect("there is memory");
                assert!(!self.handles.contains(&handle), "a handle is issued twice");
                self.handles.push(handle);
            }
            Err(problems) => properties::check_problems(&problems),
        }
    }

    fn operate(&mut self, handle: u32, operation: usize) {
        let now = self.now;
        let bytes = &mut self.bytes;
        let Some(subject) = self.breakers.get_mut(handle) else {
            panic!("an issued handle is unknown")
        };
        let breaker = &mut subject.breaker;
        match operation {
            3..=9 => subject.admit(now),
            10..=15 => subject.settle(bytes, now),
            16 => {
                engine::poll(breaker, now);
            }
            17 => {
                let hold = engine::set_override(breaker, u32::from(bytes.byte()) % 5, now);
                if bytes.choice(4) > 0 {
                    subject.hold = hold;
                }
            }
            18 => {
                engine::release(breaker, subject.hold, now);
            }
            19 => {
                engine::reset(breaker, now);
            }
            20 => assert!(engine::retry_after(breaker, now) >= 0.0),
            // A permit that was never issued, or any other number.
            21 => {
                let (permit, outcome) = (bytes.number(), u32::from(bytes.byte()) % 7);
                engine::settle(breaker, permit, outcome, now, bytes.number());
            }
            22 => {
                let (permit, duration) = (subject.permit(bytes), bytes.number());
                engine::settle_open_for(
                    &mut subject.breaker,
                    permit,
                    now,
                    duration,
                    bytes.number(),
                );
            }
            _ => {}
        }
        let after = properties::checked_readings(&mut subject.breaker, &subject.options, now);
        if subject.is_uncorrupted {
            properties::check_consistency(&subject.before, &after);
        }
        subject.before = after;
    }
}

impl Subject {
    fn admit(&mut self, now: f64) {
        let admission = engine::admit(&mut self.breaker, now);
        properties::check_admission(admission);
        if admission >= 0.0 {
            if self.permits.len() >= MOST_PERMITS {
                self.permits.remove(0);
            }
            self.permits.push(admission);
        }
    }

    fn settle(&mut self, bytes: &mut Bytes, now: f64) {
        let (permit, outcome) = (self.permit(bytes), u32::from(bytes.byte()) % 7);
        let duration = if bytes.choice(4) == 3 {
            bytes.number()
        } else {
            f64::from(bytes.byte())
        };
        engine::settle(&mut self.breaker, permit, outcome, now, duration);
    }

    /// Returns an issued permit. It sometimes stays in the list, to be settled again.
    fn permit(&mut self, bytes: &mut Bytes) -> f64 {
        if self.permits.is_empty() {
            return 0.0;
        }
        let index = bytes.choice(self.permits.len());
        if bytes.choice(8) == 7 {
            self.permits[index]
        } else {
            self.permits.remove(index)
        }
    }
}

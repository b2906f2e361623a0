//! Breakers of process scope, under every interleaving of two or three threads.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use breaker_bridge::codes::{NO_BREAKER, instant_of};
use breaker_bridge::{Value, engine};
use loom::sync::Notify;
use loom::thread;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use threads::{state_words, table};

const SUCCESS: u32 = 0;
const FAILURE: u32 = 1;
const OPEN: i32 = 1;
const HALF_OPEN: i32 = 2;
const STATE_MASK: i32 = 0b11;
const OVERRIDE_SHIFT: i32 = 2;
const OVERRIDE_MASK: i32 = 0b11;
const NOTHING: u32 = 0;
const FORCED_OPEN: u32 = 1;
/// Bits of the state word that require a call to the engine: any state but closed, an override, or a gate.
const ASK_MASK: i32 = 0b1_1111;
const GENERATION_SHIFT: i32 = 5;
const GENERATION_UNIT: f64 = 65_536.0;

/// Returns options of a circuit that opens after `failures` and stays open for one second.
fn options(failures: f64) -> Value {
    let number = |name: &str, value| (name.to_owned(), Value::Number(value));
    Value::Object(vec![
        number("failureThreshold", failures),
        number("resetTimeout", 1_000.0),
        number("timeout", 500.0),
    ])
}

fn open(name: &str, failures: f64) -> u32 {
    table::open(name, &options(failures), 0.0).unwrap()
}

fn state(handle: u32) -> i32 {
    table::word_of(handle) & STATE_MASK
}

fn admit(handle: u32, now: f64) -> f64 {
    table::admit(handle, now)
}

fn settle(handle: u32, permit: f64, outcome: u32, now: f64) -> i32 {
    table::settle(handle, permit, |breaker| {
        engine::settle(breaker, permit, outcome, now, f64::NAN)
    })
}

fn override_of(handle: u32) -> i32 {
    table::word_of(handle) >> OVERRIDE_SHIFT & OVERRIDE_MASK
}

/// Makes a call like TypeScript does: while the state word says plainly closed, without asking the engine for a
/// permit.
fn call(handle: u32, outcome: u32, now: f64) -> bool {
    let word = table::word_of(handle);
    let permit = if word & ASK_MASK == 0 {
        f64::from(word >> GENERATION_SHIFT) * GENERATION_UNIT
    } else {
        admit(handle, now)
    };
    if permit >= 0.0 {
        settle(handle, permit, outcome, now);
    }
    permit >= 0.0
}

fn totals(handle: u32) -> (u64, u64, u64) {
    table::with(handle, (0, 0, 0), |breaker| {
        let stats = breaker.stats(instant_of(0.0));
        (
            stats.total_successes,
            stats.total_failures,
            stats.total_rejected,
        )
    })
}

/// Serialises the tests, because the state words live in process memory.
static WORDS_IN_USE: Mutex<()> = Mutex::new(());

/// Runs every interleaving, and prints their number.
fn in_every_interleaving(run: impl Fn() + Sync + Send + 'static) {
    let _alone = WORDS_IN_USE.lock();
    let interleavings = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&interleavings);
    loom::model(move || {
        count.fetch_add(1, Ordering::Relaxed);
        run();
        let mut words = state_words::WORDS.iter().take(8);
        assert!(
            words.all(|word| word.load(Ordering::Acquire) == NO_BREAKER),
            "a state word is not released"
        );
    });
    println!("{} interleavings", interleavings.load(Ordering::Relaxed));
}

#[test]
fn threads_share_one_breaker_per_name() {
    in_every_interleaving(|| {
        let worker = || {
            let handle = open("one", 2.0);
            let admitted = call(handle, FAILURE, 1.0);
            (handle, admitted)
        };
        let kept = open("one", 2.0);
        let other = thread::spawn(move || {
            let (handle, admitted) = worker();
            table::free(handle);
            admitted
        });
        let (handle, admitted) = worker();
        assert!(other.join().unwrap() && admitted);
        assert_eq!((totals(kept), state(handle)), ((0, 2, 0), OPEN));
        table::free(handle);
        table::free(kept);
    });
}

#[test]
fn a_breaker_freed_by_its_last_holder_is_never_found_again() {
    in_every_interleaving(|| {
        let work = || {
            let handle = open("mortal", 1.0);
            assert!(call(handle, SUCCESS, 1.0));
            let (successes, ..) = totals(handle);
            let word = state_words::word_at(table::slot_of(handle).unwrap()).unwrap();
            assert_eq!(word.load(Ordering::Acquire), table::word_of(handle));
            table::free(handle);
            assert_eq!(table::word_of(handle), NO_BREAKER);
            successes
        };
        let other = thread::spawn(work);
        let successes = [work(), other.join().unwrap()];
        assert!(
            successes
                .iter()
                .all(|successes| (1..=2).contains(successes)),
            "a freed breaker was found again: {successes:?}"
        );
    });
}

#[test]
fn half_open_admits_one_probe_over_all_threads() {
    in_every_interleaving(|| {
        let kept = open("probe", 1.0);
        assert!(call(kept, FAILURE, 0.0));
        let both_asked = loom::sync::Arc::new(Notify::new());
        let other = thread::spawn({
            let both_asked = loom::sync::Arc::clone(&both_asked);
            move || {
                let handle = open("probe", 1.0);
                let admitted = admit(handle, 1_000.0) >= 0.0;
                both_asked.wait();
                table::free(handle);
                admitted
            }
        });
        let mine = admit(kept, 1_000.0) >= 0.0;
        both_asked.notify();
        assert_ne!(mine, other.join().unwrap());
        table::free(kept);
    });
}

#[test]
fn rejects_a_call_after_its_thread_saw_the_circuit_open() {
    in_every_interleaving(|| {
        let kept = open("seen", 1.0);
        let other = thread::spawn(|| {
            let handle = open("seen", 1.0);
            call(handle, FAILURE, 0.0);
            table::free(handle);
        });
        let word = table::word_of(kept);
        let admitted = call(kept, SUCCESS, 0.0);
        assert!(!(word & STATE_MASK == OPEN && admitted));
        other.join().unwrap();
        assert!(!call(kept, SUCCESS, 0.0));
        let (successes, failures, rejected) = totals(kept);
        assert_eq!((failures, successes + rejected), (1, 2));
        table::free(kept);
    });
}

#[test]
fn a_late_result_does_not_undo_a_reset_by_another_thread() {
    in_every_interleaving(|| {
        let kept = open("late", 1.0);
        let permit = admit(kept, 0.0);
        let other = thread::spawn(|| {
            let handle = open("late", 1.0);
            table::with(handle, NO_BREAKER, |breaker| engine::reset(breaker, 0.0));
            table::free(handle);
        });
        let opened = settle(kept, permit, FAILURE, 0.0) & STATE_MASK == OPEN;
        other.join().unwrap();
        // Before the reset the late result opened the circuit, and the reset closed it. After the reset it changes
        // nothing.
        assert!(state(kept) != OPEN, "opened before the reset: {opened}");
        assert_eq!(totals(kept), (0, 1, 0));
        table::free(kept);
    });
}

#[test]
fn a_thread_that_ends_frees_its_probe() {
    in_every_interleaving(|| {
        let kept = open("probing", 1.0);
        assert!(call(kept, FAILURE, 0.0));
        let other = thread::spawn(|| {
            let handle = open("probing", 1.0);
            let admission = admit(handle, 1_000.0);
            table::end_thread();
            assert_eq!(table::word_of(handle), NO_BREAKER);
            admission
        });
        let mine = admit(kept, 1_000.0);
        let theirs = other.join().unwrap();
        assert!(mine >= 0.0 || theirs >= 0.0);
        let next = admit(kept, 1_000.0);
        assert_eq!(next >= 0.0, mine < 0.0, "there is one slot");
        assert_eq!(state(kept), HALF_OPEN);
        table::free(kept);
    });
}

#[test]
fn a_thread_that_ends_releases_its_own_override_and_no_other() {
    in_every_interleaving(|| {
        let kept = open("held", 1.0);
        let other = thread::spawn(|| {
            let handle = open("held", 1.0);
            table::set_override(handle, FORCED_OPEN, 0.0);
            table::set_override(handle, FORCED_OPEN, 0.0);
            table::end_thread();
        });
        table::set_override(kept, NOTHING, 0.0);
        let hold = table::set_override(kept, FORCED_OPEN, 0.0);
        other.join().unwrap();
        assert_eq!(override_of(kept), FORCED_OPEN.cast_signed());
        table::release(kept, hold, 0.0);
        assert_eq!(override_of(kept), NOTHING.cast_signed());
        table::free(kept);
    });
}

#[test]
fn a_lost_handle_keeps_its_override_until_its_thread_ends() {
    in_every_interleaving(|| {
        let kept = open("lost", 1.0);
        assert!(call(kept, FAILURE, 0.0));
        let other = thread::spawn(|| {
            let handle = open("lost", 1.0);
            table::set_override(handle, FORCED_OPEN, 0.0);
            table::free_lost(handle);
            let next = open("lost", 1.0);
            assert!(matches!(override_of(next), 0 | 1));
            table::end_thread();
        });
        table::set_override(kept, NOTHING, 0.0);
        other.join().unwrap();
        assert_eq!(override_of(kept), NOTHING.cast_signed());
        table::free(kept);
    });
}

/// Runs two threads that each hold a breaker of the same name, and compares the two handles. It does not use loom,
/// because loom would show both threads the same earlier value.
fn side_by_side(failures: [f64; 2], compare: fn(mine: u32, theirs: u32)) {
    in_every_interleaving(move || {
        let held: Arc<[AtomicU32; 2]> = Arc::default();
        let work = move |me: usize, held: &[AtomicU32; 2]| {
            let Ok(handle) = table::open("twice", &options(failures[me]), 0.0) else {
                return;
            };
            let slot = table::slot_of(handle).unwrap() + 1;
            held[me].store(slot, Ordering::Release);
            thread::yield_now();
            match held[1 - me].load(Ordering::Acquire) {
                0 => (),
                theirs => compare(slot, theirs),
            }
            held[me].store(0, Ordering::Release);
            table::free(handle);
        };
        let other = thread::spawn({
            let held = Arc::clone(&held);
            move || work(1, &held)
        });
        work(0, &held);
        other.join().unwrap();
    });
}

#[test]
fn two_threads_that_open_a_name_at_once_share_one_breaker() {
    side_by_side([1.0, 1.0], |mine, theirs| assert_eq!(mine, theirs));
}

#[test]
fn two_threads_with_different_options_cannot_share_a_name() {
    side_by_side([1.0, 2.0], |mine, theirs| {
        panic!("both have it, in the slots {mine} and {theirs}")
    });
}

#[test]
fn three_threads_that_open_and_free_names_never_deadlock() {
    in_every_interleaving(|| {
        let work = |first: &'static str, second: &'static str| {
            let (first, second) = (open(first, 1.0), open(second, 1.0));
            call(second, FAILURE, 0.0);
            table::free(first);
            table::free(second);
        };
        let others = [
            thread::spawn(move || work("a", "b")),
            thread::spawn(move || work("b", "a")),
        ];
        for other in others {
            other.join().unwrap();
        }
    });
}

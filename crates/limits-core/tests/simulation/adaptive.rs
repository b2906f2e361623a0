//! Simulation of the adaptive limit with a dependency whose best limit is known: its number of workers.

use crate::dependency::{Conditions, Policy, Simulation, Tally};
use breaker_core::{Instant, Span};
use limits_core::{AdaptiveConfig, AdaptiveLimit, AdaptiveSettings, Algorithm};

const ALGORITHMS: [Algorithm; 2] = [Algorithm::Gradient, Algorithm::Vegas];
const SERVICE: f64 = 50.0;
const SEEDS: [u64; 4] = [1, 2, 3, 103];

impl Policy for AdaptiveLimit {
    fn admits(&mut self, in_flight: u32, _now: Instant) -> bool {
        in_flight < self.limit()
    }

    fn record(&mut self, rtt: Span, in_flight: u32, dropped: bool, now: Instant) {
        self.sample(rtt, in_flight, dropped, now);
    }
}

fn limit(algorithm: Algorithm) -> AdaptiveLimit {
    let settings = AdaptiveSettings {
        algorithm: Some(algorithm),
        ..AdaptiveSettings::default()
    };
    let config = AdaptiveConfig::try_from(&settings).unwrap();
    AdaptiveLimit::new(config, Instant::from_millis(0.0))
}

/// Returns the throughput of a busy dependency, in calls per second.
fn capacity(workers: usize) -> f64 {
    workers as f64 * 1_000.0 / SERVICE
}

/// Conditions with twice the load that the dependency can handle.
fn overloaded(workers: usize) -> Conditions {
    Conditions {
        workers,
        service: SERVICE,
        offered: capacity(workers) * 2.0,
        timeout: 2_000.0,
        backlog: usize::MAX,
    }
}

/// Runs some seconds, and returns the mean of the limit.
fn run(simulation: &mut Simulation, seconds: u32, limit: &mut AdaptiveLimit) -> (f64, Tally) {
    let mut sum = 0.0;
    let mut all = Tally::default();
    for _ in 0..seconds {
        all.add(simulation.run(1.0, limit));
        sum += f64::from(limit.limit());
    }
    (sum / f64::from(seconds), all)
}

/// Returns the number of seconds until the throughput reaches nine tenths of the possible one for five seconds in a
/// row.
fn seconds_until_served(
    simulation: &mut Simulation,
    limit: &mut AdaptiveLimit,
    possible: f64,
) -> u32 {
    let mut in_a_row = 0;
    for second in 1..=600 {
        let is_served = simulation.run(1.0, limit).rate() >= possible * 0.9;
        in_a_row = if is_served { in_a_row + 1 } else { 0 };
        if in_a_row == 5 {
            return second - 4;
        }
    }
    panic!("not within ten minutes");
}

fn runs() -> impl Iterator<Item = (Algorithm, u64)> {
    ALGORITHMS
        .into_iter()
        .flat_map(|algorithm| SEEDS.map(|seed| (algorithm, seed)))
}

#[test]
fn converges_to_just_above_the_optimum() {
    for (algorithm, seed) in runs() {
        for workers in [5, 20, 50, 100] {
            let mut limit = limit(algorithm);
            let mut simulation = Simulation::new(overloaded(workers), seed);
            let reached = seconds_until_served(&mut simulation, &mut limit, capacity(workers));
            run(&mut simulation, 300, &mut limit);
            let (mean, tally) = run(&mut simulation, 300, &mut limit);
            let optimum = workers as f64;
            let share = tally.rate() / capacity(workers);
            println!(
                "{algorithm:?}: optimum {optimum}, limit {mean:.1}, {:.1} % of what is possible, {:.2} times the service time, \
                 reached after {reached} s",
                share * 100.0,
                tally.rtt() / SERVICE
            );
            assert!(mean >= optimum * 0.95 && mean <= optimum * 1.25 + 6.0);
            assert!(share > 0.94);
            assert_eq!(tally.dropped, 0);
        }
    }
}

#[test]
fn does_not_drift_in_hours_of_overload() {
    for algorithm in ALGORITHMS {
        let mut limit = limit(algorithm);
        let mut simulation = Simulation::new(overloaded(20), 2);
        run(&mut simulation, 600, &mut limit);
        let hours: Vec<f64> = (0..8)
            .map(|_| run(&mut simulation, 3_600, &mut limit).0)
            .collect();
        println!("{algorithm:?}: optimum 20, mean limit of each hour {hours:.2?}");
        let mean = hours.iter().sum::<f64>() / hours.len() as f64;
        assert!(hours.iter().all(|hour| (hour - mean).abs() < mean * 0.03));
        assert!((20.0..=31.0).contains(&mean));
    }
}

/// Right after the outage, calls that nobody awaits still occupy the dependency, and make it look slow.
#[test]
fn recovers_after_an_outage() {
    for (algorithm, seed) in runs() {
        let mut limit = limit(algorithm);
        let mut simulation = Simulation::new(overloaded(50), seed);
        let (before, _) = run(&mut simulation, 300, &mut limit);
        simulation.conditions.workers = 0;
        run(&mut simulation, 300, &mut limit);
        let during = limit.limit();
        simulation.conditions.workers = 50;
        let recovered = seconds_until_served(&mut simulation, &mut limit, capacity(50));
        let (early, _) = run(&mut simulation, 120, &mut limit);
        let (after, tally) = run(&mut simulation, 300, &mut limit);
        println!(
            "{algorithm:?}: limit {before:.1} before, {during} after five minutes without answers, served again after \
             {recovered} s, {early:.1} for two minutes, {after:.1} from then on"
        );
        assert!(during <= 2);
        assert!(recovered <= 60);
        assert!(early <= 100.0 && (47.5..=68.5).contains(&after));
        assert!(tally.rate() > capacity(50) * 0.94);
    }
}

#[test]
fn follows_a_capacity_that_falls_and_comes_back() {
    for (algorithm, seed) in runs() {
        let mut limit = limit(algorithm);
        let mut simulation = Simulation::new(overloaded(50), seed);
        run(&mut simulation, 300, &mut limit);
        simulation.conditions.workers = 10;
        run(&mut simulation, 300, &mut limit);
        let (low, _) = run(&mut simulation, 120, &mut limit);
        simulation.conditions.workers = 50;
        let back = seconds_until_served(&mut simulation, &mut limit, capacity(50));
        let (high, _) = run(&mut simulation, 120, &mut limit);
        println!(
            "{algorithm:?}: 50 workers, then 10: {low:.1}, then 50: {high:.1}, served after {back} s"
        );
        assert!((9.5..=18.5).contains(&low));
        assert!(back <= 60 && high >= 47.5);
    }
}

/// The limit learns the new baseline by itself.
#[test]
fn learns_that_the_dependency_became_slower() {
    for (algorithm, seed) in runs() {
        let mut limit = limit(algorithm);
        let mut simulation = Simulation::new(overloaded(50), seed);
        run(&mut simulation, 300, &mut limit);
        simulation.conditions.service = SERVICE * 3.0;
        let learnt = seconds_until_served(&mut simulation, &mut limit, capacity(50) / 3.0);
        run(&mut simulation, 300, &mut limit);
        let (mean, tally) = run(&mut simulation, 300, &mut limit);
        let baseline = limit.stats().baseline.unwrap().as_millis();
        println!(
            "{algorithm:?}: three times as slow: served after {learnt} s, limit {mean:.1}, baseline {baseline:.0} ms"
        );
        assert!(tally.rate() >= capacity(50) / 3.0 * 0.94);
        assert!((120.0..=190.0).contains(&baseline));
        assert!(mean <= 50.0 * 1.25 + 6.0);
    }
}

#[test]
fn does_not_restrict_a_dependency_with_spare_capacity() {
    for algorithm in ALGORITHMS {
        let mut limit = limit(algorithm);
        let mut simulation = Simulation::new(
            Conditions {
                offered: 300.0,
                ..overloaded(50)
            },
            6,
        );
        run(&mut simulation, 300, &mut limit);
        let (mean, tally) = run(&mut simulation, 3_600, &mut limit);
        let rejected = 1.0 - tally.admitted as f64 / tally.wanted as f64;
        println!(
            "{algorithm:?}: 15 of 50 workers busy: limit {mean:.1}, {:.2} % rejected",
            rejected * 100.0
        );
        assert!(rejected < 0.01);
        assert!(mean < 15.0 * 5.0 * 1.5);
    }
}

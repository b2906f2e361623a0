//! Simulation of load shedding with a dependency that refuses calls beyond its capacity.

use crate::dependency::{Conditions, Policy, Simulation, Tally};
use breaker_core::backoff::Random;
use breaker_core::{Instant, Span};
use limits_core::{ShedLoad, ShedLoadConfig, ShedLoadSettings};

struct Client {
    shed_load: ShedLoad,
    random: Random,
}

impl Policy for Client {
    fn admits(&mut self, _in_flight: u32, now: Instant) -> bool {
        self.shed_load.admit(now, &mut self.random)
    }

    fn record(&mut self, _rtt: Span, _in_flight: u32, dropped: bool, now: Instant) {
        if !dropped {
            self.shed_load.accept(now);
        }
    }
}

fn client() -> Client {
    let config = ShedLoadConfig::try_from(&ShedLoadSettings::default()).unwrap();
    Client {
        shed_load: ShedLoad::new(config, Instant::from_millis(0.0)),
        random: Random::seeded(9),
    }
}

/// Conditions of a dependency that accepts 400 calls per second, and refuses a call if more than twenty are queued.
fn dependency(offered: f64) -> Conditions {
    Conditions {
        workers: 20,
        service: 50.0,
        offered,
        timeout: 2_000.0,
        backlog: 20,
    }
}

fn shed(tally: &Tally) -> f64 {
    1.0 - tally.admitted as f64 / tally.wanted as f64
}

/// With K = 2 the dependency still refuses as many calls as it accepts: the client learns its capacity from that.
#[test]
fn sheds_the_excess_over_k_times_the_accepted_calls() {
    for load in [0.5, 1.0, 1.5, 3.0, 5.0, 10.0] {
        let mut client = client();
        let mut simulation = Simulation::new(dependency(400.0 * load), 1);
        simulation.run(600.0, &mut client);
        let tally = simulation.run(600.0, &mut client);
        let excess = (1.0 - 2.0 / load).max(0.0);
        println!(
            "{load} times the capacity: {:.1} % shed, {:.1} % in excess, {:.1} % of the capacity used",
            shed(&tally) * 100.0,
            excess * 100.0,
            tally.rate() / 4.0
        );
        assert!((shed(&tally) - excess).abs() < 0.03);
        assert!(load < 1.5 || tally.rate() > 400.0 * 0.97);
    }
}

#[test]
fn sheds_nothing_in_hours_of_a_sustainable_load() {
    let mut client = client();
    let mut simulation = Simulation::new(dependency(300.0), 2);
    let tally = simulation.run(4.0 * 3_600.0, &mut client);
    assert_eq!(tally.admitted, tally.wanted);
}

#[test]
fn recovers_within_seconds_of_an_outage() {
    let mut client = client();
    let mut simulation = Simulation::new(dependency(300.0), 3);
    simulation.run(600.0, &mut client);
    simulation.conditions.workers = 0;
    let during = (1..=600)
        .find(|_| shed(&simulation.run(1.0, &mut client)) > 0.5)
        .unwrap();
    simulation.run(600.0, &mut client);
    let worst = client.shed_load.stats(simulation.now).rejection;
    simulation.conditions.workers = 20;
    let after = (1..=600)
        .find(|_| shed(&simulation.run(1.0, &mut client)) < 0.01)
        .unwrap();
    let rest = simulation.run(600.0, &mut client);
    println!(
        "half is shed {during} s into an outage, {:.0} % at its end, none {after} s after it; {:.2} % in the ten minutes after that",
        worst * 100.0,
        shed(&rest) * 100.0
    );
    assert_eq!(worst, 0.9);
    assert!(after <= 20);
    assert!(shed(&rest) < 0.001);
}

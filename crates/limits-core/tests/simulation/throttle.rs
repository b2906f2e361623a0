//! The throttle in front of a dependency that takes on so many calls and refuses the rest.

use crate::dependency::{Conditions, Policy, Tally, World};
use breaker_core::backoff::Random;
use breaker_core::{Instant, Span};
use limits_core::{Throttle, ThrottleConfig, ThrottleSettings};

struct Client {
    throttle: Throttle,
    random: Random,
}

impl Policy for Client {
    fn admits(&mut self, _in_flight: u32, now: Instant) -> bool {
        self.throttle.admit(now, &mut self.random)
    }

    fn ended(&mut self, _rtt: Span, _in_flight: u32, dropped: bool, now: Instant) {
        if !dropped {
            self.throttle.accept(now);
        }
    }
}

fn client() -> Client {
    let config = ThrottleConfig::try_from(&ThrottleSettings::default()).unwrap();
    Client {
        throttle: Throttle::new(config, Instant::from_millis(0.0)),
        random: Random::seeded(9),
    }
}

/// It takes on 400 calls a second, and refuses what finds more than twenty in the queue.
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

/// With K = 2 the dependency still refuses as many as it takes on: that is how the client knows.
#[test]
fn it_sheds_the_excess_over_k_times_what_is_taken_on() {
    for load in [0.5, 1.0, 1.5, 3.0, 5.0, 10.0] {
        let mut client = client();
        let mut world = World::new(dependency(400.0 * load), 1);
        world.run(600.0, &mut client);
        let tally = world.run(600.0, &mut client);
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
fn nothing_is_shed_in_hours_of_a_load_that_fits() {
    let mut client = client();
    let mut world = World::new(dependency(300.0), 2);
    let tally = world.run(4.0 * 3_600.0, &mut client);
    assert_eq!(tally.admitted, tally.wanted);
}

#[test]
fn it_recovers_within_seconds_of_an_outage() {
    let mut client = client();
    let mut world = World::new(dependency(300.0), 3);
    world.run(600.0, &mut client);
    world.conditions.workers = 0;
    let during = (1..=600)
        .find(|_| shed(&world.run(1.0, &mut client)) > 0.5)
        .unwrap();
    world.run(600.0, &mut client);
    let worst = client.throttle.stats(world.now).rejection;
    world.conditions.workers = 20;
    let after = (1..=600)
        .find(|_| shed(&world.run(1.0, &mut client)) < 0.01)
        .unwrap();
    let rest = world.run(600.0, &mut client);
    println!(
        "half is shed {during} s into an outage, {:.0} % at its end, none {after} s after it; {:.2} % in the ten minutes after that",
        worst * 100.0,
        shed(&rest) * 100.0
    );
    assert_eq!(worst, 0.9);
    assert!(after <= 20);
    assert!(shed(&rest) < 0.001);
}

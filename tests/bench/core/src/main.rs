//! Times `breaker-core` and other Rust circuit breakers around a trivial operation of which one call in 16 fails.
//!
//! `breaker-core-bench [ROUNDS]` (default 40) prints a JSON array: `[{"contender", "ns", "nsFastest"}]`. In every round
//! each contender runs once for about 2 ms, in random order, so that a slow moment of the machine hits all of them.

mod ours;
mod peers;
mod timer;

use timer::Contender;

fn main() {
    let rounds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(40);
    let contenders: Vec<Contender> = ours::contenders()
        .into_iter()
        .chain(peers::contenders())
        .collect();
    let lines: Vec<String> = timer::run(contenders, rounds)
        .iter()
        .map(|result| {
            format!(
                r#"{{"contender":"{}","ns":{:.3},"nsFastest":{:.3}}}"#,
                result.name, result.median, result.fastest
            )
        })
        .collect();
    println!("[{}]", lines.join(",\n "));
}

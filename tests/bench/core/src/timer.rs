//! Takes samples of all contenders in turn.

use std::time::{Duration, Instant};

const SAMPLE: Duration = Duration::from_millis(2);
const WARM_UP: Duration = Duration::from_millis(50);

/// Something to time: `run(count)` makes `count` calls and returns how many of them were admitted.
pub struct Contender {
    pub name: &'static str,
    pub run: Box<dyn FnMut(u64) -> u64>,
    /// Whether every call is to be admitted, or none.
    pub admits: bool,
}

/// Nanoseconds per call.
pub struct Measured {
    pub name: &'static str,
    pub median: f64,
    pub fastest: f64,
}

pub fn run(mut contenders: Vec<Contender>, rounds: usize) -> Vec<Measured> {
    let counts: Vec<u64> = contenders.iter_mut().map(calls_per_sample).collect();
    let mut samples: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::new()).collect();
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..rounds {
        random.shuffle(&mut order);
        for &index in &order {
            let took = sample(&mut contenders[index], counts[index]);
            samples[index].push(took.as_nanos() as f64 / counts[index] as f64);
        }
    }
    contenders
        .iter()
        .zip(&mut samples)
        .map(|(contender, times)| {
            times.sort_by(f64::total_cmp);
            Measured {
                name: contender.name,
                median: times[times.len() / 2],
                fastest: times[0],
            }
        })
        .collect()
}

/// Warms the contender up and finds how many calls fill one sample.
fn calls_per_sample(contender: &mut Contender) -> u64 {
    let begin = Instant::now();
    let mut count = 16;
    let mut took = sample(contender, count);
    while begin.elapsed() < WARM_UP || took * 4 < SAMPLE {
        if took * 2 < SAMPLE {
            count *= 2;
        }
        took = sample(contender, count);
    }
    count
}

fn sample(contender: &mut Contender, count: u64) -> Duration {
    let begin = Instant::now();
    let admitted = (contender.run)(count);
    let took = begin.elapsed();
    let expected = if contender.admits { count } else { 0 };
    assert_eq!(admitted, expected, "{}: calls admitted", contender.name);
    took
}

/// Xorshift: good enough to shuffle with.
struct Random(u64);

impl Random {
    fn shuffle(&mut self, values: &mut [usize]) {
        for last in (1..values.len()).rev() {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            values.swap(last, (self.0 % (last as u64 + 1)) as usize);
        }
    }
}

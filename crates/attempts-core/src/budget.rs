//! Budget of the attempts that retries and hedges may add to the calls.

use breaker_core::ConfigErrors;
use breaker_core::problems::{Check, MAX_COUNT, Range};
use breaker_core::time::{Instant, Span};
use breaker_core::window::{Answer, Sample, TimeWindow};

/// Additional attempts, as a share of the calls.
pub const DEFAULT_SHARE: f64 = 0.2;
/// Additional attempts per second, regardless of the number of calls.
pub const DEFAULT_MINIMUM_PER_SECOND: f64 = 3.0;
/// Length of the window in which calls count, in milliseconds.
pub const DEFAULT_WINDOW: f64 = 10_000.0;

const MINIMUM: &str = "a number from 0 to 1000000";
const WINDOW: &str = "a number of milliseconds from 1000 to 3600000";
const WINDOW_RANGE: Range = Range::any(1_000.0, 3_600_000.0);
const BUCKETS: u32 = 10;
/// Unit of the budget: a millionth of an attempt, so that shares add up exactly.
const WHOLE: u64 = 1_000_000;

/// Calls are the successes of the window, additional attempts its failures.
const CALL: Sample = Sample {
    answer: Answer::Success,
    slow: false,
};
const ADDED: Sample = Sample {
    answer: Answer::Failure,
    slow: false,
};

/// Settings of a budget; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct BudgetSettings {
    /// Additional attempts, as a share of the calls in the window.
    pub share: Option<f64>,
    /// Additional attempts per second on top of the share.
    pub minimum_per_second: Option<f64>,
    /// Length of the window in which calls and additional attempts count.
    pub window: Option<f64>,
}

/// Validated settings of a budget.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BudgetConfig {
    /// Share in millionths.
    share: u64,
    /// Reserve of every window, in millionths.
    reserve: u64,
    window: Span,
}

/// Budget of retries and hedges, so that they cannot multiply the load of a failing dependency. Any window allows at
/// most `share × calls + minimum per second × seconds` of them, as in the `RetryBudget` of Finagle and the
/// `TpsBudget` of tower. Several policies may share one budget. The cost of an operation is constant.
#[derive(Clone, Debug)]
pub struct Budget {
    config: BudgetConfig,
    window: TimeWindow,
    granted: u64,
    refused: u64,
}

/// Stats of a budget.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BudgetStats {
    /// Calls in the window.
    pub calls: u32,
    /// Additional attempts in the window.
    pub added: u32,
    /// Additional attempts allowed now.
    pub balance: u64,
    /// Additional attempts that the budget ever granted.
    pub granted: u64,
    /// Additional attempts that the budget ever refused.
    pub refused: u64,
}

impl Budget {
    /// Creates a budget before any call. Its reserve is available at once.
    #[must_use]
    pub fn new(config: BudgetConfig, now: Instant) -> Self {
        Self {
            config,
            window: TimeWindow::new(config.window, BUCKETS, false, now),
            granted: 0,
            refused: 0,
        }
    }

    /// Records that a call has begun.
    pub fn deposit(&mut self, now: Instant) {
        self.record(now, CALL);
    }

    /// Whether one more attempt may be made. An allowed one is deducted.
    pub fn withdraw(&mut self, now: Instant) -> bool {
        self.window.expire(now);
        let granted = self.balance() > 0;
        if granted {
            self.record(now, ADDED);
            self.granted = self.granted.saturating_add(1);
        } else {
            self.refused = self.refused.saturating_add(1);
        }
        granted
    }

    /// Returns the stats.
    pub fn stats(&mut self, now: Instant) -> BudgetStats {
        self.window.expire(now);
        let counts = self.window.counts();
        BudgetStats {
            calls: counts.successes,
            added: counts.failures,
            balance: self.balance(),
            granted: self.granted,
            refused: self.refused,
        }
    }

    #[inline(never)]
    fn record(&mut self, now: Instant, sample: Sample) {
        self.window.record(now, sample);
    }

    fn balance(&self) -> u64 {
        let counts = self.window.counts();
        let earned = u64::from(counts.successes).saturating_mul(self.config.share);
        let allowed = earned.saturating_add(self.config.reserve) / WHOLE;
        allowed.saturating_sub(u64::from(counts.failures))
    }
}

impl TryFrom<&BudgetSettings> for BudgetConfig {
    type Error = ConfigErrors;

    fn try_from(settings: &BudgetSettings) -> Result<Self, ConfigErrors> {
        let mut check = Check::default();
        let share = check.share("share", settings.share.unwrap_or(DEFAULT_SHARE));
        let minimum = check.number(
            "minimumPerSecond",
            settings
                .minimum_per_second
                .unwrap_or(DEFAULT_MINIMUM_PER_SECOND),
            Range::any(0.0, MAX_COUNT),
            MINIMUM,
        );
        let window = settings.window.unwrap_or(DEFAULT_WINDOW);
        let window = check.time("window", window, WINDOW_RANGE, WINDOW);
        check.finish(Self {
            share: millionths(share),
            reserve: millionths(minimum * window.as_millis() / 1_000.0),
            window,
        })
    }
}

fn millionths(number: f64) -> u64 {
    const TO_NEAREST: f64 = 0.5;
    (number * WHOLE as f64 + TO_NEAREST) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn at(millis: f64) -> Instant {
        Instant::from_millis(millis)
    }

    fn budget(share: f64, minimum_per_second: f64) -> Budget {
        let settings = BudgetSettings {
            share: Some(share),
            minimum_per_second: Some(minimum_per_second),
            window: None,
        };
        Budget::new(BudgetConfig::try_from(&settings).unwrap(), at(0.0))
    }

    fn granted(budget: &mut Budget, asked: u32, now: Instant) -> usize {
        (0..asked).filter(|_| budget.withdraw(now)).count()
    }

    #[test]
    fn the_share_is_exact_for_any_number_of_calls() {
        for share in [0.0, 0.01, 0.07, 0.1, 0.2, 0.29, 0.3, 0.7, 1.0] {
            let mut budget = budget(share, 0.0);
            for _ in 0..100 {
                budget.deposit(at(1.0));
            }
            let expected = (share * 100.0).round() as usize;
            assert_eq!(granted(&mut budget, 200, at(1.0)), expected, "{share}");
        }
    }

    #[test]
    fn the_reserve_serves_few_calls() {
        let mut budget = budget(0.2, 3.0);
        assert_eq!(granted(&mut budget, 100, at(0.0)), 30);
        assert_eq!(granted(&mut budget, 100, at(9_999.0)), 0);
        assert_eq!(granted(&mut budget, 100, at(10_000.0)), 30);
    }

    #[test]
    fn a_failing_dependency_receives_a_fifth_more_calls_at_most() {
        let mut budget = budget(0.2, 0.0);
        let mut added = 0;
        for call in 0..10_000 {
            let now = at(f64::from(call));
            budget.deposit(now);
            added += granted(&mut budget, 3, now);
        }
        assert_eq!(added, 2_000);
        let stats = budget.stats(at(9_999.0));
        assert_eq!((stats.granted, stats.refused), (2_000, 28_000));
    }

    #[test]
    fn spent_attempts_return_when_they_leave_the_window() {
        let mut budget = budget(1.0, 0.0);
        budget.deposit(at(0.0));
        assert!(budget.withdraw(at(0.0)));
        budget.deposit(at(5_000.0));
        assert!(budget.withdraw(at(5_000.0)));
        assert!(!budget.withdraw(at(5_000.0)));
        assert_eq!(
            budget.stats(at(10_500.0)),
            BudgetStats {
                calls: 1,
                added: 1,
                balance: 0,
                granted: 2,
                refused: 1
            }
        );
        assert!(!budget.withdraw(at(1e9)));
    }

    #[test]
    fn an_earlier_time_is_ignored() {
        let mut budget = budget(1.0, 0.0);
        budget.deposit(at(5_000.0));
        assert!(budget.withdraw(at(-5_000.0)));
        assert!(!budget.withdraw(at(f64::NAN)));
    }

    #[test]
    fn reports_all_problems_at_once() {
        let settings = BudgetSettings {
            share: Some(1.1),
            minimum_per_second: Some(-1.0),
            window: Some(999.0),
        };
        assert_eq!(
            BudgetConfig::try_from(&settings).unwrap_err().to_string(),
            "share must be a number from 0 to 1; \
             minimumPerSecond must be a number from 0 to 1000000; \
             window must be a number of milliseconds from 1000 to 3600000"
        );
    }
}

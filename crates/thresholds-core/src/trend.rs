//! Trend of a series of values.

/// Gain of the level: the share of an error that it absorbs.
const LEVEL_GAIN: f64 = 0.4;
/// Gain of the slope, relative to that of the level.
const SLOPE_GAIN: f64 = 0.1;
/// Damping of the slope per step.
const DAMPING: f64 = 0.95;
/// Weight of the latest error in the mean error.
const ERROR_GAIN: f64 = 0.1;
/// Standard deviation of normally distributed errors, as a multiple of their mean absolute value.
const DEVIATION_OF_MEAN_ERROR: f64 = 1.25;
/// `√(α / (2 − α))` for the gain of the level.
const SMOOTHED: f64 = 0.5;
/// Number of values from which the slope is meaningful.
const ENOUGH: u32 = 3;

/// Holt's linear exponential smoothing (C. C. Holt, *Forecasting seasonals and trends by exponentially weighted
/// moving averages*, ONR Research Memorandum 52, 1957) with the damped trend of E. S. Gardner and E. McKenzie
/// (*Forecasting trends in time series*, Management Science 31, 1985), in error-correction form:
///
/// ```text
/// forecast = level + φ × slope
/// level    = forecast + α × (value − forecast)
/// slope    = φ × slope + α × β × (value − forecast)
/// ```
///
/// The error is smoothed as well: the standard deviation is taken to be 1.25 times the mean absolute error (R. G.
/// Brown, *Statistical Forecasting for Inventory Control*, 1959), which an outlier moves less than a variance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Trend {
    level: f64,
    slope: f64,
    mean_error: f64,
    seen: u32,
}

/// Extrapolation of a trend, step by step.
#[derive(Clone, Copy, Debug)]
pub struct Ahead {
    value: f64,
    slope: f64,
}

impl Trend {
    /// Adds a value, `steps` steps after the previous one.
    pub fn observe(&mut self, value: f64, steps: u32) {
        if self.seen == 0 {
            self.level = value;
        } else {
            let mut ahead = self.ahead();
            let mut forecast = self.level;
            for _ in 0..steps.max(1) {
                forecast = ahead.step();
            }
            let error = value - forecast;
            self.level = forecast + LEVEL_GAIN * error;
            self.slope = ahead.slope + LEVEL_GAIN * SLOPE_GAIN * error / f64::from(steps.max(1));
            let size = if error < 0.0 { -error } else { error };
            self.mean_error = if self.seen == 1 {
                size
            } else {
                self.mean_error + ERROR_GAIN * (size - self.mean_error)
            };
        }
        self.seen = self.seen.saturating_add(1);
    }

    /// Returns the smoothed value.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Returns the smoothed increase per step.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// Returns the standard deviation of the one-step forecast errors.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        self.mean_error * DEVIATION_OF_MEAN_ERROR
    }

    /// Returns the standard error of the level, `σ × √(α / (2 − α))`, which is that of an exponentially weighted mean
    /// (S. W. Roberts, *Control chart tests based on geometric moving averages*, Technometrics 1, 1959).
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.deviation() * SMOOTHED
    }

    /// Whether enough values were observed for a slope.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.seen >= ENOUGH
    }

    /// Returns the extrapolation from the present value.
    #[must_use]
    pub fn ahead(&self) -> Ahead {
        Ahead {
            value: self.level,
            slope: self.slope,
        }
    }
}

impl Ahead {
    /// Returns the value one step further.
    pub fn step(&mut self) -> f64 {
        self.slope *= DAMPING;
        self.value += self.slope;
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_values_have_no_slope() {
        let mut trend = Trend::default();
        for _ in 0..100 {
            trend.observe(0.25, 1);
        }
        assert_eq!(
            (trend.level(), trend.slope(), trend.deviation()),
            (0.25, 0.0, 0.0)
        );
    }

    #[test]
    fn follows_a_steady_rise() {
        let mut trend = Trend::default();
        for step in 0..100 {
            trend.observe(f64::from(step), 1);
        }
        let ahead = trend.ahead().step();
        assert!((ahead - 100.0).abs() < 1.0, "{ahead}");
        // A damped slope stays below that of the values.
        assert!(trend.slope() > 0.6 && trend.slope() < 1.0);
    }

    #[test]
    fn matches_the_published_formulas() {
        let mut trend = Trend::default();
        trend.observe(10.0, 1);
        trend.observe(20.0, 1);
        assert_eq!(trend.level(), 10.0 + 0.4 * 10.0);
        assert!((trend.slope() - 0.4).abs() < 1e-12);
        assert_eq!(trend.deviation(), 12.5);
        trend.observe(20.0, 1);
        let forecast = 14.0 + 0.95 * 0.4;
        assert!((trend.level() - (forecast + 0.4 * (20.0 - forecast))).abs() < 1e-12);
    }

    #[test]
    fn a_value_after_several_steps_has_a_smaller_slope() {
        let (mut every, mut third) = (Trend::default(), Trend::default());
        for step in 0..30 {
            every.observe(f64::from(step), 1);
            third.observe(f64::from(step), 3);
        }
        assert!(third.slope() < every.slope() / 2.0);
    }
}

//! Reader of nested options.

use super::{Reader, WINDOW_PATH};
use crate::problem::Kind;
use crate::value::Value;
use breaker_core::settings::{
    HalfOpenSettings, InFlightSettings, RecoverySettings, WindowSettings,
};

const WINDOW: &str = "{type: 'time', duration, buckets} or {type: 'count', size}";
const WINDOW_TYPE: &str = "'time' or 'count'";
const HALF_OPEN: &str = "{calls, failureRateThreshold}";
const RECOVERY: &str = "{ramp, initialShare}";
const IN_FLIGHT: &str = "{limit}";

impl Reader {
    pub(super) fn window_shape(&mut self, value: &Value) -> Option<WindowSettings> {
        let properties = self.object("window", value, WINDOW)?;
        let mut number_of =
            |name: &str, path: &str| value.get(name).and_then(|value| self.number(path, value));
        let (window, known) = match value.get("type") {
            Some(Value::Text(kind)) if kind == "time" => {
                let duration = number_of("duration", WINDOW_PATH);
                let buckets = number_of("buckets", "window.buckets");
                (
                    WindowSettings::Time { duration, buckets },
                    ["type", "duration", "buckets"].as_slice(),
                )
            }
            Some(Value::Text(kind)) if kind == "count" => {
                let size = number_of("size", "window.size");
                (WindowSettings::Count { size }, ["type", "size"].as_slice())
            }
            Some(Value::Text(_)) => {
                self.report("window.type", Kind::Range, WINDOW_TYPE);
                return None;
            }
            Some(_) => {
                self.report("window.type", Kind::Type, WINDOW_TYPE);
                return None;
            }
            None => {
                self.report("window.type", Kind::Missing, WINDOW_TYPE);
                return None;
            }
        };
        for (name, _) in properties {
            if !known.contains(&name.as_str()) {
                self.unknown("window", name);
            }
        }
        Some(window)
    }

    pub(super) fn half_open(&mut self, value: &Value) -> Option<HalfOpenSettings> {
        let mut half_open = HalfOpenSettings::default();
        let mut options = [
            ("calls", &mut half_open.calls),
            (
                "failureRateThreshold",
                &mut half_open.failure_rate_threshold,
            ),
        ];
        self.numbers("halfOpen", value, HALF_OPEN, &mut options)?;
        Some(half_open)
    }

    pub(super) fn recovery(&mut self, value: &Value) -> Option<RecoverySettings> {
        let mut recovery = RecoverySettings::default();
        let mut options = [
            ("ramp", &mut recovery.ramp),
            ("initialShare", &mut recovery.initial_share),
        ];
        self.numbers("recovery", value, RECOVERY, &mut options)?;
        Some(recovery)
    }

    /// Reads an object of numbers into the fields beside their names.
    fn numbers(
        &mut self,
        parent: &str,
        value: &Value,
        expected: &'static str,
        options: &mut [(&str, &mut Option<f64>)],
    ) -> Option<()> {
        for (name, value) in self.object(parent, value, expected)? {
            match options.iter_mut().find(|(known, _)| known == name) {
                Some((_, field)) => {
                    **field = self.number(&[parent, ".", name].concat(), value);
                }
                None => self.unknown(parent, name),
            }
        }
        Some(())
    }

    pub(super) fn in_flight(&mut self, value: &Value) -> Option<InFlightSettings> {
        let mut in_flight = InFlightSettings::default();
        for (name, value) in self.object("inFlight", value, IN_FLIGHT)? {
            match name.as_str() {
                "limit" if *value == Value::Bool(false) => in_flight.limit = Some(0.0),
                "limit" => in_flight.limit = self.number("inFlight.limit", value),
                _ => self.unknown("inFlight", name),
            }
        }
        Some(in_flight)
    }
}

//! Shared configurations: breakers with equal options use one.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use breaker_core::Config;

/// Largest number of configurations in the cache. Further breakers get one of their own.
const CAPACITY: usize = 64;

/// Cache of configurations, as long as a breaker uses them.
#[derive(Debug, Default)]
pub struct Configs(Vec<Weak<Config>>);

impl Configs {
    /// Creates an empty cache.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns the cached configuration that equals this one, or caches this one.
    pub fn share(&mut self, config: Config) -> Arc<Config> {
        let in_use = self.0.iter().filter_map(Weak::upgrade);
        if let Some(equal) = in_use.into_iter().find(|known| **known == config) {
            return equal;
        }
        let config = Arc::new(config);
        self.0.retain(|known| known.strong_count() > 0);
        if self.0.len() < CAPACITY {
            self.0.push(Arc::downgrade(&config));
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use breaker_core::Settings;

    fn config(threshold: f64) -> Config {
        Config::try_from(&Settings {
            failure_threshold: Some(threshold),
            ..Settings::default()
        })
        .unwrap()
    }

    #[test]
    fn equal_options_share_one_configuration_while_it_is_in_use() {
        let mut configs = Configs::new();
        let first = configs.share(config(3.0));
        assert!(Arc::ptr_eq(&first, &configs.share(config(3.0))));
        assert!(!Arc::ptr_eq(&first, &configs.share(config(4.0))));
        assert!(Arc::ptr_eq(&first, &configs.share(config(3.0))));
        drop(first);
        configs.share(config(5.0));
        assert_eq!(configs.0.len(), 1);
    }

    #[test]
    fn the_cache_has_a_limited_size() {
        let mut configs = Configs::new();
        let thresholds = (1..=CAPACITY + 1).map(|number| number as f64);
        let in_use: Vec<_> = thresholds
            .map(|threshold| configs.share(config(threshold)))
            .collect();
        assert_eq!(configs.0.len(), CAPACITY);
        assert_eq!(in_use.len(), CAPACITY + 1);
    }
}

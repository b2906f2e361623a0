//! Bytes as a source of choices and numbers. After the last byte, every choice is the first one.

pub struct Bytes<'b>(&'b [u8]);

/// Edge-case numbers.
const EDGES: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    0.1,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN_POSITIVE,
    1e-3,
    65_536.0,
    4_294_967_296.0,
    9_007_199_254_740_992.0,
    31_536_000_000.0,
];

impl<'b> Bytes<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// Returns an index below `among`.
    pub fn choice(&mut self, among: usize) -> usize {
        usize::from(self.byte()) % among
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.choice(choices.len())]
    }

    /// Returns a number: often a small one, sometimes an edge case, sometimes any bit pattern.
    pub fn number(&mut self) -> f64 {
        match self.byte() {
            0..=127 => f64::from(self.byte()),
            128..=191 => f64::from(u16::from_le_bytes([self.byte(), self.byte()])),
            192..=215 => f64::from(self.byte()) / 255.0,
            216..=239 => self.one_of(&EDGES),
            _ => f64::from_le_bytes(std::array::from_fn(|_| self.byte())),
        }
    }

    /// Returns a step of a clock: mostly forward.
    pub fn step(&mut self) -> f64 {
        match self.byte() {
            0..=99 => 0.0,
            100..=199 => f64::from(self.byte()),
            200..=229 => f64::from(self.byte()) * 250.0,
            230..=239 => -f64::from(self.byte()),
            240..=249 => f64::from(self.byte()) * 3_600_000.0,
            _ => self.number(),
        }
    }
}

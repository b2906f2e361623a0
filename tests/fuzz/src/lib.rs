//! Any bytes at all, as options and operations for the bridge, and what must hold whatever they are.

mod bytes;
mod holds;
mod program;
mod values;

/// Runs what the bytes say. Panics where something does not hold.
pub fn run(bytes: &[u8]) {
    program::Program::new(bytes).run();
}

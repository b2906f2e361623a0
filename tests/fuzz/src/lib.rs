//! Fuzz target of the bridge: decodes arbitrary bytes into options and operations, and checks properties that hold
//! for any input.

mod bytes;
mod program;
mod properties;
mod values;

/// Runs the program that the bytes encode.
///
/// # Panics
/// A property does not hold.
pub fn run(bytes: &[u8]) {
    program::Program::new(bytes).run();
}

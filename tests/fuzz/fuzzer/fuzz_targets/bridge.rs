//! The bridge, fed with whatever the fuzzer makes up.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_driver::run(bytes));

//! Replay of the inputs that the fuzzer has kept.

#[test]
fn every_property_holds_for_the_corpus() {
    let corpus = include_str!("../corpus.txt");
    for line in corpus.lines() {
        let bytes: Vec<u8> = line.as_bytes().chunks(2).map(byte).collect();
        let outcome = std::panic::catch_unwind(|| fuzz_driver::run(&bytes));
        assert!(outcome.is_ok(), "a property does not hold for {line}");
    }
    let inputs = corpus.lines().count();
    println!("{inputs} inputs");
    assert!(inputs > 100, "only {inputs} inputs");
}

fn byte(digits: &[u8]) -> u8 {
    let digits = std::str::from_utf8(digits).unwrap();
    u8::from_str_radix(digits, 16).unwrap()
}

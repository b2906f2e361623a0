//! Every input that the fuzzer found worth keeping, again.

#[test]
fn what_holds_for_any_bytes_holds_for_those_that_were_kept() {
    let corpus = include_str!("../corpus.txt");
    for line in corpus.lines() {
        let bytes: Vec<u8> = line.as_bytes().chunks(2).map(byte).collect();
        let outcome = std::panic::catch_unwind(|| fuzz_driver::run(&bytes));
        assert!(outcome.is_ok(), "does not hold for {line}");
    }
    let inputs = corpus.lines().count();
    println!("{inputs} inputs");
    assert!(inputs > 100, "the corpus is not there");
}

fn byte(digits: &[u8]) -> u8 {
    let digits = std::str::from_utf8(digits).unwrap();
    u8::from_str_radix(digits, 16).unwrap()
}

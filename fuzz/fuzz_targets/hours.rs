#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bazgasht_fuzz::invariants::hours::hold(bytes));

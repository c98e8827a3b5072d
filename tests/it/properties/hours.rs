use proptest::prelude::*;

use super::config;
use crate::invariants::hours;

fn time() -> impl Strategy<Value = String> {
    (0_u32..24, prop::sample::select(vec![0_u32, 1, 15, 30, 59])).prop_map(|(h, m)| format!("{h:02}:{m:02}"))
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn an_opening_is_open_and_nothing_before_it_is(
        zone in prop::sample::select(&chrono_tz::TZ_VARIANTS[..]),
        seconds in 0_i64..15 * 365 * 86_400,
        start in time(),
        end in time(),
        friday in prop_oneof![Just("off = true".to_owned()), (time(), time()).prop_map(|(s, e)| format!("start = {s:?}, end = {e:?}"))],
        margin in prop::sample::select(vec!["0s", "15m", "2h"]),
    ) {
        let table = format!("start = {start:?}\nend = {end:?}\nstop_before = {margin:?}\nfriday = {{ {friday} }}");
        hours::hold(format!("{}\n{seconds}\n{table}", zone.name()).as_bytes());
    }
}

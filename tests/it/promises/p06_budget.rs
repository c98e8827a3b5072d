//! 6. Spending never passes the daily and monthly caps, counted in parts × price when handed over.

use crate::world::story::{SHIPPED, Story};
use bazgasht::state::model::Reason;

const PAID: &str = r#"
[budget]
currency = "IRR"
day = "7000"
month = "16000"
[gateway]
use = "kavenegar"
[gateway.kavenegar]
key = "not-a-real-key"
price_persian = "1000"
price_latin = "2500"
"#;

#[test]
fn p06_neither_the_days_nor_the_months_cap_is_passed() {
    let mut s = Story::with(SHIPPED, PAID);
    for n in 10..40 {
        s.cart(&format!("t_{n}"), &["11"]).number(&format!("t_{n}"), &format!("091200003{n}")).pass("3h");
    }
    s.pass("3d");
    let spent: i64 = s.sent.iter().map(|m| m.price.minor).sum();
    assert!(spent > 0 && spent <= 16_000, "{spent}");
    for day in ["11-24", "11-25", "11-26", "11-27", "11-28"] {
        let of_day: i64 = s.sent.iter().zip(s.times()).filter(|(_, t)| t.starts_with(day)).map(|(m, _)| m.price.minor).sum();
        assert!(of_day <= 7_000, "{day}: {of_day}");
    }
    assert!(s.reasons().contains(&Reason::BudgetDay));
}

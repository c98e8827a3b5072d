//! Days of the calendar and of somebody's life.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::Occasion;
use crate::campaign::trigger::{Day, Since};
use crate::clock::At;
use crate::decide::facts::Facts;
use crate::render::values::ShopView;
use crate::schedule::dates;

/// Less than a year, more than the nearest day of the other calendar.
const NOT_THE_FIRST: i64 = 300;

pub(super) fn birthday(shop: &ShopView, facts: &Facts) -> Vec<Occasion> {
    let born = facts.contact.birthday.as_deref().and_then(|day| day.parse::<NaiveDate>().ok());
    born.map(|born| each_year("birthday", born, shop, facts.now)).unwrap_or_default()
}

pub(super) fn anniversary(of: Since, shop: &ShopView, facts: &Facts) -> Vec<Occasion> {
    let (name, first) = match of {
        Since::SignUp => ("anniversary/sign_up", facts.contact.registered),
        Since::FirstOrder => ("anniversary/first_order", facts.first_placed()),
    };
    first.map(|first| each_year(name, dates::day_of(shop.timezone, first), shop, facts.now)).unwrap_or_default()
}

/// The returns of a day of somebody's life; the first one is not among them.
fn each_year(name: &str, first: NaiveDate, shop: &ShopView, now: At) -> Vec<Occasion> {
    let tz = shop.timezone;
    let comings = dates::comings(dates::each_year(first, shop.lives_by_jalali()), dates::day_of(tz, now));
    let later = comings.into_iter().filter(|coming| coming.on.signed_duration_since(first).num_days() > NOT_THE_FIRST);
    later.map(|coming| Occasion::moment(named(name, coming.year), dates::midnight(tz, coming.on))).collect()
}

pub(super) fn date(day: Day, tz: Tz, now: At) -> Vec<Occasion> {
    let name = match day {
        Day::Named(named) => format!("date/{}", named.word()),
        Day::Jalali { year, month, day } => format!("date/jalali/{}{month:02}-{day:02}", of_year(year)),
        Day::Gregorian { year, month, day } => format!("date/gregorian/{}{month:02}-{day:02}", of_year(year)),
    };
    let comings = dates::comings(day, dates::day_of(tz, now));
    comings.iter().map(|coming| Occasion::moment(named(&name, coming.year), dates::midnight(tz, coming.on))).collect()
}

fn of_year(year: Option<i32>) -> String {
    year.map(|year| format!("{year}-")).unwrap_or_default()
}

fn named(name: &str, year: Option<i32>) -> String {
    year.map_or_else(|| name.to_owned(), |year| format!("{name}/{year}"))
}

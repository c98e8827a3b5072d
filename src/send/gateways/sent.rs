//! Looks for messages in a provider's list of what was sent, where there is no reference to look by: number, text and time must
//! agree. Not to be in such a list proves nothing.

use super::moment;
use crate::digits;
use crate::send::gateway::{Known, Report, Soon, Sought, Trouble};

/// How far the list's time may be from ours.
const SLACK_SECONDS: i64 = 15 * 60;
/// How many letters a provider may add to our text, such as `لغو11`.
const LONGEST_TAIL: usize = 12;
const MOST_PAGES: u32 = 10;
/// How many rows that do not name number and text are looked into.
const MOST_DETAILS: usize = 20;

/// A row of the list, as far as it says something.
#[derive(Clone)]
pub(super) struct Sent {
    pub to: Option<String>,
    pub text: Option<String>,
    /// As written; see [`moment`].
    pub at: Option<String>,
    pub report: Report,
    /// To be asked about when number or text is missing here.
    pub id: Option<String>,
}

/// A row's number, and its text where that is named.
pub(super) type Detail = (String, Option<String>);

/// A provider's list, the newest first.
pub(super) trait List: Sync {
    /// Rows of a page, counted from 0; the last page is shorter than this.
    const ROWS: usize;

    fn page(&self, page: u32) -> Soon<'_, Result<Vec<Sent>, Trouble>>;

    /// The number and text of a row that does not name them.
    fn detail<'a>(&'a self, id: &'a str) -> Soon<'a, Result<Option<Detail>, Trouble>> {
        let _ = id;
        Box::pin(async { Ok(None) })
    }
}

/// One entry each, in the order asked.
pub(super) async fn find<L: List>(list: &L, sought: &[Sought]) -> Result<Vec<(i64, Known)>, Trouble> {
    let mut known: Vec<(i64, Known)> = sought.iter().map(|s| (s.reference, Known::CannotTell)).collect();
    let Some(earliest) = sought.iter().map(|s| s.handed_unix).min() else { return Ok(known) };
    let mut details = 0;
    for page in 0..MOST_PAGES {
        let rows = list.page(page).await?;
        let ends = rows.len() < L::ROWS || rows.iter().any(|row| is_before(row, earliest));
        for mut row in rows {
            let open = |known: &[(i64, Known)]| -> Vec<usize> {
                let still = known.iter().enumerate().filter(|(_, (_, k))| *k == Known::CannotTell);
                still.map(|(at, _)| at).collect()
            };
            let could_be = |at: &usize| sought.get(*at).is_some_and(|s| agrees(s, &row, true));
            let candidates: Vec<usize> = open(&known).into_iter().filter(could_be).collect();
            if candidates.is_empty() {
                continue;
            }
            if (row.to.is_none() || row.text.is_none()) && details < MOST_DETAILS {
                details += 1;
                if let Some(id) = row.id.clone()
                    && let Some((to, text)) = list.detail(&id).await?
                {
                    row.to = row.to.or(Some(to));
                    row.text = row.text.or(text);
                }
            }
            let of = candidates.into_iter().find(|at| sought.get(*at).is_some_and(|s| agrees(s, &row, false)));
            if let Some((reference, entry)) = of.and_then(|at| known.get_mut(at)) {
                *entry = Known::Found(Report { reference: Some(*reference), ..row.report });
            }
        }
        if ends || known.iter().all(|(_, k)| *k != Known::CannotTell) {
            break;
        }
    }
    Ok(known)
}

fn is_before(row: &Sent, earliest: i64) -> bool {
    let readings = row.at.as_deref().map(moment::readings).unwrap_or_default();
    !readings.is_empty() && readings.iter().all(|at| *at < earliest - SLACK_SECONDS)
}

/// `may_lack`: number and text that the row does not name count as agreeing.
fn agrees(sought: &Sought, row: &Sent, may_lack: bool) -> bool {
    let number = row.to.as_deref().map_or(may_lack, |to| same_number(to, sought.to.e164()));
    let text = row.text.as_deref().map_or(may_lack, |text| same_text(text, &sought.text));
    number && text && same_time(sought, row)
}

fn same_time(sought: &Sought, row: &Sent) -> bool {
    match row.at.as_deref().map(moment::readings) {
        Some(readings) if !readings.is_empty() => {
            readings.iter().any(|at| (at - sought.handed_unix).abs() <= SLACK_SECONDS)
        }
        // No two of our texts hold the same short link.
        _ => sought.text.contains("://"),
    }
}

/// Written with `+98`, `98`, `0` or nothing before it.
fn same_number(one: &str, other: &str) -> bool {
    let subscriber = |number: &str| -> String {
        let all: Vec<char> = digits::to_ascii(number).chars().filter(char::is_ascii_digit).collect();
        all.iter().skip(all.len().saturating_sub(10)).collect()
    };
    subscriber(one) == subscriber(other)
}

/// Providers change signs and letters and add a last line of their own.
fn same_text(listed: &str, ours: &str) -> bool {
    let plain = |text: &str| -> String {
        let text = digits::to_ascii(text);
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .map(|c| match c {
                'ي' => 'ی',
                'ك' => 'ک',
                other => other,
            })
            .collect()
    };
    let (listed, ours) = (plain(listed), plain(ours));
    let added = listed.strip_prefix(&ours).map(|tail| tail.chars().count());
    !ours.is_empty() && added.is_some_and(|letters| letters <= LONGEST_TAIL)
}

#[cfg(test)]
mod tests {
    use super::{Detail, List, Sent, find, same_number, same_text};
    use crate::phone::Phone;
    use crate::send::gateway::{Delivery, Known, Report, Soon, Sought, Trouble};

    const HANDED: i64 = 1_767_607_200;

    struct Pages(Vec<Vec<Sent>>);

    impl List for Pages {
        const ROWS: usize = 2;

        fn page(&self, page: u32) -> Soon<'_, Result<Vec<Sent>, Trouble>> {
            Box::pin(async move { Ok(self.0.get(page as usize).cloned().unwrap_or_default()) })
        }

        fn detail<'a>(&'a self, _: &'a str) -> Soon<'a, Result<Option<Detail>, Trouble>> {
            Box::pin(async { Ok(Some(("09120000001".to_owned(), None))) })
        }
    }

    fn row(to: Option<&str>, text: &str, at: &str, id: &str) -> Sent {
        Sent {
            to: to.map(str::to_owned),
            text: Some(text.to_owned()),
            at: Some(at.to_owned()),
            report: Report::of(id, Delivery::Queued),
            id: Some(id.to_owned()),
        }
    }

    fn sought(reference: i64, text: &str) -> Sought {
        let to = Phone::from_e164("+989120000001").unwrap();
        Sought { reference, to, text: text.to_owned(), handed_unix: HANDED }
    }

    fn id(known: &Known) -> Option<&str> {
        match known {
            Known::Found(report) => report.gateway_id.as_deref(),
            Known::NotFound => panic!("a list proves nothing"),
            Known::CannotTell => None,
        }
    }

    #[tokio::test]
    async fn number_text_and_time_must_agree_and_a_row_is_used_once() {
        let (to, now) = (Some("9120000001"), "1767607260");
        let list = Pages(vec![
            vec![row(Some("9120000002"), "سلام", now, "1"), row(to, "سلام", now, "2")],
            vec![row(None, "خداحافظ", now, "3"), row(to, "old", "1767600000", "4")],
            vec![row(to, "خداحافظ", now, "5")],
        ]);
        let asked = [sought(7, "سلام"), sought(8, "سلام"), sought(9, "خداحافظ"), sought(10, "old")];
        let known = find(&list, &asked).await.unwrap();
        let ids: Vec<_> = known.iter().map(|(reference, known)| (*reference, id(known))).collect();
        assert_eq!(ids, [(7, Some("2")), (8, None), (9, Some("3")), (10, None)]);
    }

    #[test]
    fn numbers_and_texts_are_compared_by_what_they_mean() {
        assert!(same_number("+989120000001", "09120000001") && same_number("۹۱۲۰۰۰۰۰۰۱", "+989120000001"));
        assert!(!same_number("09120000002", "+989120000001"));
        assert!(same_text("سلام علي، كتاب ۵\r\nلغو11", "سلام علی، کتاب 5"));
        assert!(!same_text("سلام علی، سبد خریدت منتظر است", "سلام"));
        assert!(!same_text("سلام", "سلام علی") && !same_text("x", "،"));
    }
}

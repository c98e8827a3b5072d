//! Questions about several messages, where a provider takes one at a time.

use crate::send::gateway::{Report, Soon, Trouble};

/// How many are asked about at once; the rest is left for another time. Each is a call or two, and texts wait meanwhile.
pub(super) const MOST: usize = 20;

/// Asks about each, [`MOST`] at most. One that nobody can tell of does not hold up the others, and trouble on the way does not
/// lose what was heard before it: both are left out.
///
/// # Errors
/// When there was trouble and no question was answered.
pub(super) async fn each<'a>(
    ids: &'a [String],
    ask: impl Fn(&'a str) -> Soon<'a, Result<Option<Report>, Trouble>> + Send + Sync,
) -> Result<Vec<Report>, Trouble> {
    let mut reports = Vec::new();
    let (mut answered, mut first) = (false, None);
    for id in ids.iter().take(MOST) {
        match ask(id).await {
            Ok(report) => {
                answered = true;
                reports.extend(report);
            }
            Err(trouble) => {
                let stops = concerns_all(&trouble);
                first.get_or_insert(trouble);
                if stops {
                    break;
                }
            }
        }
    }
    match first {
        Some(trouble) if !answered => Err(trouble),
        _ => Ok(reports),
    }
}

/// The next question would be answered the same: nobody is there, the key is refused, or we ask too much. By HTTP's codes,
/// Twilio's and those of Melipayamak's REST, of which none means another thing elsewhere.
fn concerns_all(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Unreachable(_) | Trouble::NotOffered | Trouble::Forged(_) => true,
        Trouble::Refused { code, .. } => matches!(code, 401 | 429 | 20003 | 20429 | 0 | 10 | -110..=-108),
        Trouble::Unreadable(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::{MOST, each};
    use crate::send::gateway::{Delivery, Report, Trouble};

    fn refused(code: i64) -> Trouble {
        Trouble::Refused { code, why: String::new() }
    }

    /// What comes of asking about `a`, `b` and `c`, where `b` errs; and who was asked about.
    async fn asked(trouble: &Trouble) -> (Vec<Option<String>>, String) {
        let ids = ["a", "b", "c"].map(str::to_owned);
        let asked = Mutex::new(String::new());
        let reports = each(&ids, |id| {
            asked.lock().unwrap().push_str(id);
            Box::pin(
                async move { if id == "b" { Err(trouble.clone()) } else { Ok(Some(Report::of(id, Delivery::Sent))) } },
            )
        })
        .await
        .unwrap();
        (reports.into_iter().map(|report| report.gateway_id).collect(), asked.into_inner().unwrap())
    }

    #[tokio::test]
    async fn one_that_always_errs_does_not_hold_up_the_others() {
        let told = |ids: &[&str]| ids.iter().map(|id| Some((*id).to_owned())).collect::<Vec<_>>();
        for trouble in [refused(400), refused(500), Trouble::Unreadable(String::new())] {
            assert_eq!(asked(&trouble).await, (told(&["a", "c"]), "abc".to_owned()), "{trouble:?}");
        }
        for trouble in [refused(401), refused(429), refused(20429), Trouble::Unreachable(String::new())] {
            assert_eq!(asked(&trouble).await, (told(&["a"]), "ab".to_owned()), "{trouble:?}");
        }
    }

    #[tokio::test]
    async fn trouble_is_told_when_nothing_else_was_heard_and_no_more_are_asked_than_fit() {
        let ids: Vec<String> = (0..200).map(|id: i32| id.to_string()).collect();
        let said = each(&ids, |_| Box::pin(async { Err(refused(500)) })).await;
        assert_eq!(said, Err(refused(500)));
        let calls = Mutex::new(0_usize);
        let said = each(&ids, |_| {
            *calls.lock().unwrap() += 1;
            Box::pin(async { Ok(None) })
        });
        assert_eq!(said.await, Ok(Vec::new()));
        assert_eq!(calls.into_inner().unwrap(), MOST);
    }
}

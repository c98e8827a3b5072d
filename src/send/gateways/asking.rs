//! Questions about several messages, where a provider takes one at a time.

use crate::send::gateway::{Report, Soon, Trouble};

/// Asks about each. Trouble on the way does not lose what was heard before it: those left out are asked about again.
pub(super) async fn each<'a>(
    ids: &'a [String],
    ask: impl Fn(&'a str) -> Soon<'a, Result<Option<Report>, Trouble>> + Send + Sync,
) -> Result<Vec<Report>, Trouble> {
    let mut reports = Vec::with_capacity(ids.len());
    for id in ids {
        match ask(id).await {
            Ok(report) => reports.extend(report),
            Err(trouble) if reports.is_empty() => return Err(trouble),
            Err(_) => break,
        }
    }
    Ok(reports)
}

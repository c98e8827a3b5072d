//! What was most likely meant by a name that means nothing.

use super::values::{NAMES, Shape};

/// What stands directly under a group, for help.
pub(super) fn fields_of(group: &str) -> String {
    let fields: Vec<_> = NAMES
        .iter()
        .filter(|n| {
            n.name.strip_prefix(group).and_then(|rest| rest.strip_prefix('.')).is_some_and(|field| !field.contains('.'))
        })
        .map(|n| n.name)
        .collect();
    format!("there are: {}", fields.join(", "))
}

pub(super) fn lists() -> String {
    let lists: Vec<_> =
        NAMES.iter().filter(|n| matches!(n.shape, Shape::List | Shape::Words)).map(|n| n.name).collect();
    format!("there are: {}", lists.join(", "))
}

/// The documented name that was most likely meant: the nearest, or one that ends alike.
pub(super) fn suggestion(dotted: &str) -> Option<&'static str> {
    let last = dotted.rsplit('.').next();
    nearest(dotted, NAMES.iter().map(|n| n.name))
        .or_else(|| NAMES.iter().map(|n| n.name).find(|name| name.rsplit('.').next() == last))
        .or_else(|| {
            let field = nearest(last?, NAMES.iter().filter_map(|n| n.name.rsplit('.').next()))?;
            NAMES.iter().map(|n| n.name).find(|name| name.rsplit('.').next() == Some(field))
        })
}

pub(super) fn nearest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let most = (word.chars().count() / 3).clamp(1, 3);
    names
        .map(|name| (strsim::damerau_levenshtein(&word.to_lowercase(), name), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

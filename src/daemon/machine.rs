//! Which machine this is, and whether the database was made on it.
//!
//! A copy of a shop for trying things brings its database along, and with it everybody who waits for a text. So a database
//! remembers where it lives, and a daemon that wakes up elsewhere and could spend money asks first.

use std::fs;
use std::path::Path;

use anyhow::Result;
use tracing::warn;

use crate::clock::At;
use crate::settings::model::Settings;
use crate::state::model::{Hold, HoldScope};
use crate::state::world::World;
use crate::store::SqlWorld;
use crate::store::home::{self, Place};

const WHY: &str = "this database was made on another machine or in another folder: if it is a copy for trying things, leave it held; \
                   if the shop has moved, `bazgasht resume all`";

/// What tells one machine from another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// `None` where it has no lasting name: then the database's path alone tells.
    pub id: Option<String>,
}

impl Machine {
    /// This one. A container gets a new name at each start, or shares its image's: such a name tells nothing, and asking the
    /// owner at each start would teach to say yes.
    #[must_use]
    pub fn this() -> Machine {
        let there = |path: &str| Path::new(path).exists();
        // systemd keeps a name that it made up for this boot under /run.
        let passing = there("/.dockerenv") || there("/run/.containerenv") || there("/run/machine-id");
        let contained = passing || std::env::var_os("container").is_some();
        Machine::named(&fs::read_to_string("/etc/machine-id").unwrap_or_default(), contained)
    }

    fn named(machine_id: &str, passing: bool) -> Machine {
        let id = machine_id.trim();
        let is_name = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()) && id.bytes().any(|b| b != b'0');
        Machine { id: (is_name && !passing).then(|| id.to_owned()) }
    }

    /// Looks whether the database is at home here. The first start makes it so; a later one elsewhere that could send for money
    /// holds everything until the owner has said that the shop moved. True when it does.
    ///
    /// # Errors
    /// The database's.
    pub fn settle_in(&self, world: &mut SqlWorld<'_>, settings: &Settings, now: At) -> Result<bool> {
        let file = fs::canonicalize(&settings.database)
            .or_else(|_| std::path::absolute(&settings.database))
            .unwrap_or_else(|_| settings.database.clone());
        let here = Place::of(world.connection(), self.id.as_deref(), &file.to_string_lossy())?;
        let home = home::home(world.connection())?;
        if home.as_ref().is_none_or(|home| !here.is_elsewhere(home)) {
            // A name that was not known before is kept; one that is not known now is not lost.
            let machine = here.machine.or_else(|| home.and_then(|home| home.machine));
            home::settle(world.connection(), &Place { machine, file: here.file })?;
            return Ok(false);
        }
        // Trying it without a gateway costs nothing and reaches nobody.
        if !settings.gateway.iter().any(|used| used.which.costs()) {
            return Ok(false);
        }
        home::ask_to_settle(world.connection(), &here)?;
        if !world.holds()?.iter().any(|hold| hold.scope == HoldScope::All && hold.until.is_none()) {
            world.put_hold(&Hold { scope: HoldScope::All, why: WHY.to_owned(), since: now, until: None })?;
        }
        warn!("{WHY}");
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lasting_name_is_a_name() {
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(Machine::named(&format!("{id}\n"), false).id.as_deref(), Some(id));
        for (text, passing) in [(id, true), ("", false), ("uninitialized\n", false), (&"0".repeat(32), false)] {
            assert_eq!(Machine::named(text, passing).id, None, "{text}");
        }
    }
}

//! The owner's files from the disk: what every command starts with.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::terminal;
use crate::campaign::check::{self as campaigns, CheckContext};
use crate::campaign::model::Language;
use crate::campaign::shipped;
use crate::problem::{Code, Problem, SourceFile, any_error, render_all};
use crate::rules::Rules;
use crate::settings::check::{self as settings, CREDENTIAL_SECRET, ENV_SECRET, ENV_STATE, Outside};
use crate::settings::days::Reach;
use crate::settings::gateways;
use crate::settings::model::Settings;
use crate::state::model::Shop;

/// Where settings are looked for when no file is named.
const CONFIG: &str = "bazgasht.toml";
/// What problems call the campaigns that come with the program.
const BUILT_IN: &str = "(built-in campaigns)";

#[derive(Debug, Clone, Default, Args)]
pub struct Files {
    /// The settings [default: bazgasht.toml in this folder when it is there, else none are needed]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The campaigns [default: as the settings say, else those that are built in]
    #[arg(long, value_name = "FILE", global = true)]
    pub campaigns: Option<PathBuf>,
}

/// Both files, read and checked.
#[derive(Debug)]
pub struct Opened {
    /// There when neither file has an error.
    pub rules: Option<Rules>,
    /// There when the settings have none, whatever the campaigns are like.
    pub settings: Option<Settings>,
    /// Of the settings first.
    pub problems: Vec<Problem>,
    /// None: no settings were given.
    pub config: Option<PathBuf>,
    /// None: the campaigns that are built in.
    pub campaigns: Option<PathBuf>,
    /// How far the mourning days reach, where there are any.
    pub reach: Option<Reach>,
}

/// Reads and checks both files. `told` is what the shop said of itself, where that is known already.
///
/// # Errors
/// A file that was named but cannot be read.
pub fn open(files: &Files, told: Option<&Shop>) -> Result<Opened> {
    let config = files.config.clone().or_else(|| Some(PathBuf::from(CONFIG)).filter(|path| path.is_file()));
    let settings::Checked { settings, mut problems, campaigns, reach, .. } = open_settings(config.as_deref())?;
    // With settings that cannot be used the campaigns are still looked at, so that all there is to say is said at once.
    let usual =
        settings.is_none().then(|| settings::load(CONFIG, "", &outside(Path::new(""), &read)).settings).flatten();
    let path = files.campaigns.clone().or(campaigns);
    let (name, source) = match &path {
        Some(path) => (
            path.display().to_string(),
            read(path).with_context(|| format!("campaigns {} cannot be read", path.display()))?,
        ),
        None => (BUILT_IN.to_owned(), shipped::campaigns(Language::default()).to_owned()),
    };
    let campaigns = settings
        .as_ref()
        .or(usual.as_ref())
        .map(|settings| campaigns::load(&name, &source, &CheckContext { settings, told }));
    let campaigns = campaigns.and_then(|checked| {
        // With settings that were not read, what follows from them cannot be known.
        let known = |p: &Problem| {
            settings.is_some() || !matches!(p.code, Code::UnusedTemplate | Code::StepsTooClose | Code::CurrencyMismatch)
        };
        problems.extend(checked.problems.into_iter().filter(known));
        checked.campaigns
    });
    let rules = campaigns.zip(settings.clone()).map(|(campaigns, settings)| Rules { campaigns, settings });
    Ok(Opened { rules, settings, problems, config, campaigns: path, reach })
}

/// What to call the campaigns that these files lead to.
#[must_use]
pub fn campaigns_name(files: &Files) -> String {
    files.campaigns.as_ref().map_or_else(|| "as they are".to_owned(), |path| path.display().to_string())
}

/// As [`load`], for what a person may ask for: a mistake in a text must not keep them waiting, so with settings that are
/// good and campaigns that are not, it goes on with the built-in ones and says so.
///
/// # Errors
/// As [`load`].
pub fn load_for_people(files: &Files, out: &mut dyn Write) -> Result<Option<Rules>> {
    let opened = open(files, None)?;
    if let (None, Some(settings)) = (&opened.rules, opened.settings) {
        writeln!(out, "the campaigns have mistakes (bazgasht check shows them); this goes on without them\n")?;
        let context = CheckContext { settings: &settings, told: None };
        let built_in = campaigns::load(BUILT_IN, shipped::campaigns(Language::default()), &context).campaigns;
        return Ok(built_in.map(|campaigns| Rules { campaigns, settings }));
    }
    if any_error(&opened.problems) {
        writeln!(
            out,
            "{}\nnothing was done: mend the settings first",
            render_all(&opened.problems, terminal::colours())
        )?;
    }
    Ok(opened.rules)
}

/// As [`open`]; when something is wrong, says so on `out` and gives nothing.
///
/// # Errors
/// As [`open`], and when `out` cannot be written to.
pub fn load(files: &Files, out: &mut dyn Write) -> Result<Option<Rules>> {
    let opened = open(files, None)?;
    if any_error(&opened.problems) {
        writeln!(out, "{}", render_all(&opened.problems, terminal::colours()))?;
    }
    Ok(opened.rules)
}

fn open_settings(path: Option<&Path>) -> Result<settings::Checked> {
    let Some(path) = path else { return Ok(settings::without_file(&outside(Path::new(""), &read))) };
    let name = path.display().to_string();
    let source = read(path).with_context(|| format!("settings {name} cannot be read"))?;
    let mut checked = settings::load(&name, &source, &outside(path.parent().unwrap_or(Path::new("")), &read));
    let own = checked.holds_secret.then(|| path.to_owned());
    let secrets = std::mem::take(&mut checked.secret_files);
    for open in own.into_iter().chain(secrets).filter(|path| readable_by_all(path)) {
        let shown = open.display();
        checked.problems.push(Problem {
            code: Code::ReadableByAll,
            file: SourceFile::new(&name, ""),
            span: 0..0,
            what: format!("{shown} holds a secret, and everybody on this machine can read it"),
            help: format!("chmod 600 {shown}"),
            labels: Vec::new(),
        });
    }
    Ok(checked)
}

/// What the settings may take from this process's surroundings.
fn outside<'a>(folder: &'a Path, read: &'a dyn Fn(&Path) -> io::Result<String>) -> Outside<'a> {
    let environment = [ENV_SECRET, ENV_STATE].into_iter().chain(gateways::secret_names().map(|(name, _)| name));
    let credential = |folder: &OsStr, name: &str| self::read(&Path::new(folder).join(name)).ok();
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(|folder| {
        std::iter::once(CREDENTIAL_SECRET)
            .chain(gateways::secret_names().map(|(_, credential)| credential))
            .filter_map(|name| Some((name.to_owned(), credential(&folder, name)?)))
            .collect()
    });
    Outside {
        folder,
        environment: environment.filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?))).collect(),
        credentials: credentials.unwrap_or_default(),
        read,
    }
}

/// The file as text, without the mark that some editors put before it.
fn read(path: &Path) -> io::Result<String> {
    let text = std::fs::read_to_string(path)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(unix)]
fn readable_by_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> bool {
    false
}

//! `bazgasht init`: writes the owner's files, with a secret of their own.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use url::Url;

use super::tongue::Tongue;
use crate::campaign::model::Language;
use crate::ids::Chance;
use crate::{campaign, settings};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht init --shop-url https://shop.example
  bazgasht init --language en --dir /etc/bazgasht

Files that are there stay as they are, unless --force; then the old ones are kept as NAME.old.")]
pub struct InitArgs {
    /// Language of the texts
    #[arg(long, value_enum, default_value_t = Tongue::Fa)]
    pub language: Tongue,
    /// Folder for bazgasht.toml, campaigns.toml and days.toml
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub dir: PathBuf,
    /// The shop's address
    #[arg(long, value_name = "URL")]
    pub shop_url: Option<Url>,
    /// Write over files that are there
    #[arg(long)]
    pub force: bool,
}

/// Runs it. Exit code 1 when a file is there already.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn run(args: &InitArgs, chance: &dyn Chance, out: &mut dyn Write) -> Result<u8> {
    let language = Language::from(args.language);
    let [config, campaigns, days] = ["bazgasht.toml", "campaigns.toml", "days.toml"].map(|name| args.dir.join(name));
    if !args.force {
        let there: Vec<_> = [&config, &campaigns, &days].into_iter().filter(|path| path.exists()).collect();
        if !there.is_empty() {
            for path in there {
                writeln!(out, "{} is there already, and stays as it is", path.display())?;
            }
            writeln!(out, "nothing was written: choose another folder with --dir, or write over them with --force")?;
            return Ok(1);
        }
    }
    std::fs::create_dir_all(&args.dir).with_context(|| format!("folder {} cannot be made", args.dir.display()))?;
    let url = args.shop_url.as_ref().map(|u| u.as_str().trim_end_matches('/'));
    write(&config, &settings::shipped::settings(language, &secret(chance), url), 0o600)?;
    write(&campaigns, campaign::shipped::campaigns(language), 0o644)?;
    write(&days, settings::shipped::days(language), 0o644)?;
    // `bazgasht.toml` in this folder is found without being named.
    let named = if args.dir == Path::new(".") { String::new() } else { format!(" --config {}", config.display()) };
    say_what_next([&config, &campaigns, &days], &named, out)?;
    Ok(0)
}

/// 32 random bytes in the form that the plugin takes.
fn secret(chance: &dyn Chance) -> String {
    let bytes: Vec<u8> = (0..4).flat_map(|_| chance.next_u64().to_be_bytes()).collect();
    format!("whsec_{}", STANDARD.encode(bytes))
}

/// A file that is there is kept beside the new one.
fn write(path: &Path, content: &str, mode: u32) -> Result<()> {
    if path.exists() {
        let mut old = path.as_os_str().to_owned();
        old.push(".old");
        std::fs::rename(path, &old)
            .with_context(|| format!("{} cannot be kept as {}", path.display(), PathBuf::from(&old).display()))?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path).with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(content.as_bytes()).with_context(|| format!("{} cannot be written", path.display()))
}

fn say_what_next(written: [&Path; 3], named: &str, out: &mut dyn Write) -> Result<()> {
    let [config, campaigns, days] = written.map(Path::display);
    writeln!(
        out,
        "\
Written:
  {config}  the machine's settings, with a new secret; readable by you only
  {campaigns}  the texts and their times
  {days}  holidays and days without texts

What to do next:
  1. Read the texts, and change what you like:   bazgasht preview{named}
  2. Look whether all is well:                   bazgasht check{named}
  3. Start it (prints SMS, sends none):          bazgasht run{named}
  4. In WordPress, under WooCommerce → Bazgasht, put in the daemon's address (`listen`) and the same secret (`secret`),
     and press \"test the connection\".
  5. To send real SMS, fill in [gateway] and [budget], and try:   bazgasht send-test{named}"
    )?;
    Ok(())
}

//! `bazgasht send-test`: one real text to one number, to see that the gateway works and how the text looks.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use super::contact::Ask;
use super::files::{self, Files};
use crate::campaign::model::{Campaign, Step};
use crate::ids::Chance;
use crate::money::{self, Money, Style};
use crate::phone::{self, Phone};
use crate::render::compose;
use crate::render::parts::{self, Encoding};
use crate::render::samples::{self, SampleKind};
use crate::rules::Rules;
use crate::send::gateway::{Answer, Body, Gateway, Outgoing, Registry};
use crate::state::model::Contact;
use crate::state::world::World;
use crate::store::{SqlWorld, db};

/// The whole of one call to the gateway; its own limits are shorter.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bazgasht send-test 09120000000                                the first step of the first campaign that is on
  bazgasht send-test 09120000000 --campaign cart --step second
  bazgasht send-test 09120000000 --text 'سلام'
  bazgasht send-test 09120000000 --yes                          do not ask

The text is filled with made-up values (and the person's own name, when the number is known);
its link leads nowhere. It is sent through the configured gateway, costs what it costs there, and
is not written down: reports and the budget do not know of it. A number that has opted out gets
nothing, not even a test.")]
pub struct SendTestArgs {
    #[command(flatten)]
    pub files: Files,
    #[arg(required = true, num_args = 1.., value_name = "NUMBER")]
    pub number: Vec<String>,
    /// Take the text of this campaign
    #[arg(long, value_name = "ID", conflicts_with = "text")]
    pub campaign: Option<String>,
    /// Take the text of this step; without it, the campaign's first
    #[arg(long, value_name = "ID", requires = "campaign")]
    pub step: Option<String>,
    /// Send these words
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// Send through this gateway; without it, the preferred one
    #[arg(long, value_name = "NAME")]
    pub gateway: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// Reads the files and sends. Exit codes as everywhere; `gateways` makes those that the settings name.
///
/// # Errors
/// When the files or the database cannot be read, or the gateway cannot be made.
pub async fn run(
    args: &SendTestArgs,
    chance: &dyn Chance,
    gateways: &(dyn Fn(&Rules) -> Result<Registry> + Sync),
    ask: Ask<'_>,
    out: &mut dyn Write,
) -> Result<u8> {
    let Some(rules) = files::load(&args.files, out)? else { return Ok(1) };
    let gateways = gateways(&rules)?;
    let gateway = match &args.gateway {
        Some(name) => gateways.named(name),
        None => gateways.first(),
    };
    let Some(gateway) = gateway else {
        writeln!(
            out,
            "the settings use no such gateway: expected one of {}",
            rules.settings.gateway.names().join(", ")
        )?;
        return Ok(2);
    };
    send_test(args, &rules, chance, gateway.as_ref(), ask, out).await
}

/// What is to be sent.
struct Draft {
    body: Body,
    text: String,
    parts: u32,
    price: Money,
}

/// Shows, asks, sends once. 1 when it was not sent.
///
/// # Errors
/// When the database cannot be read.
pub async fn send_test(
    args: &SendTestArgs,
    rules: &Rules,
    chance: &dyn Chance,
    gateway: &dyn Gateway,
    ask: Ask<'_>,
    out: &mut dyn Write,
) -> Result<u8> {
    let known = match look_up(args, rules)? {
        Ok(known) => known,
        Err(problem) => {
            writeln!(out, "{problem}")?;
            return Ok(2);
        }
    };
    if known.opted_out {
        writeln!(out, "{} has opted out: it gets nothing, not even a test", known.phone.masked())?;
        return Ok(1);
    }
    let draft = match draft(args, rules, &known, gateway) {
        Ok(draft) => draft,
        Err(problem) => {
            writeln!(out, "{problem:#}")?;
            return Ok(2);
        }
    };
    for line in draft.text.lines() {
        writeln!(out, "  │ {line}")?;
    }
    let price = money::say(draft.price, Style::Latin);
    let s = if draft.parts == 1 { "" } else { "s" };
    writeln!(
        out,
        "  └ to {} by {}: {} part{s}, {price} (forecast)",
        known.phone.masked(),
        gateway.name(),
        draft.parts
    )?;
    if !args.yes {
        match ask("Send it?") {
            Some(true) => {}
            Some(false) => {
                writeln!(out, "nothing was sent")?;
                return Ok(1);
            }
            None => {
                writeln!(out, "sending asks first, and there is no terminal to ask on: say --yes")?;
                return Ok(2);
            }
        }
    }
    let outgoing = Outgoing { reference: chance.reference(), to: known.phone, body: draft.body };
    let answer = match tokio::time::timeout(PATIENCE, gateway.send(&outgoing)).await {
        Ok(answer) => answer,
        Err(_) => Answer::Open(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    tell(&answer, gateway, outgoing.reference, out)
}

fn tell(answer: &Answer, gateway: &dyn Gateway, reference: i64, out: &mut dyn Write) -> Result<u8> {
    let name = gateway.name();
    match answer {
        Answer::Accepted(receipt) => {
            let cost = receipt.cost.map(|m| format!(", cost {}", money::say(m, Style::Latin))).unwrap_or_default();
            writeln!(out, "{name} accepted it as {} ({}{cost})", receipt.gateway_id, receipt.state)?;
            Ok(0)
        }
        Answer::Refused(refusal) => {
            writeln!(out, "{name} refused it: {}", refusal.why())?;
            Ok(1)
        }
        Answer::Open(why) => {
            writeln!(
                out,
                "{name} gave no clear answer: {why}. It may have been sent; look for {reference} in the gateway's panel before you try again"
            )?;
            Ok(1)
        }
    }
}

/// What the database says of the number.
struct Known {
    phone: Phone,
    opted_out: bool,
    contact: Option<Contact>,
    told: Option<crate::state::model::Shop>,
}

fn look_up(args: &SendTestArgs, rules: &Rules) -> Result<Result<Known, phone::PhoneError>> {
    let typed = args.number.join(" ");
    let database = &rules.settings.database;
    // Before the daemon's first start there is nothing to ask, and nobody who could have opted out.
    if !database.exists() {
        return Ok(phone::parse(&typed, None, &rules.country(None)).map(|phone| Known {
            phone,
            opted_out: false,
            contact: None,
            told: None,
        }));
    }
    let conn = db::open_reader(database).context("whether the number has opted out cannot be known")?;
    let world = SqlWorld::new(&conn);
    let told = world.shop()?;
    let phone = match phone::parse(&typed, None, &rules.country(told.as_ref())) {
        Ok(phone) => phone,
        Err(problem) => return Ok(Err(problem)),
    };
    let (opted_out, contact) = (world.opt_out(&phone)?.is_some(), world.contact_by_phone(&phone)?);
    Ok(Ok(Known { phone, opted_out, contact, told }))
}

fn draft(args: &SendTestArgs, rules: &Rules, known: &Known, gateway: &dyn Gateway) -> Result<Draft> {
    let line = rules.settings.gateway.named(gateway.name()).map_or(rules.settings.gateway.line(), |used| &used.line);
    if let Some(text) = &args.text {
        let text = text.trim().to_owned();
        anyhow::ensure!(!text.is_empty(), "--text is empty: write what is to be sent");
        let counted = parts::count(&text, &line.parts);
        let one = if counted.encoding == Encoding::Ucs2 { line.price_ucs2 } else { line.price_gsm7 };
        let price = Money { minor: one.minor.saturating_mul(i64::from(counted.parts)), ..one };
        return Ok(Draft { body: Body::Text(text.clone()), text, parts: counted.parts, price });
    }
    let (campaign, step) = choose(args, rules)?;
    let mut shop = samples::shop(rules.campaigns.language);
    let own = rules.shop_view(known.told.as_ref());
    // What the shop has not said yet stays made up.
    if !own.url.is_empty() {
        let name = if own.name.is_empty() { shop.name } else { own.name.clone() };
        shop = crate::render::values::ShopView { name, ..own };
    }
    let mut sample =
        samples::sample(SampleKind::Usual, &campaign.trigger, shop).for_step(campaign, step, &rules.campaigns.coupons);
    if let Some(contact) = &known.contact {
        sample.facts.contact = contact.clone();
    }
    let template = step.template_for(gateway.name()).filter(|_| gateway.abilities().templates);
    let place = template.map(|(place, _)| place);
    let composed = compose::compose(&rules.campaigns.templates, campaign, step, &sample.values(), line, place)
        .with_context(|| format!("the text of {}/{} cannot be filled in", campaign.id, step.id))?;
    let body = match (template, composed.tokens) {
        (Some((_, template)), Some(tokens)) => Body::Template { name: template.name.clone(), tokens },
        _ => Body::Text(composed.text.clone()),
    };
    Ok(Draft { body, text: composed.text, parts: composed.parts.parts, price: composed.price })
}

fn choose<'r>(args: &SendTestArgs, rules: &'r Rules) -> Result<(&'r Campaign, &'r Step)> {
    let known = || rules.campaigns.list.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
    let campaign = match &args.campaign {
        Some(id) => rules
            .campaigns
            .get(id)
            .with_context(|| format!("campaign {id:?} is not in the file: expected one of {}", known()))?,
        None => rules
            .campaigns
            .enabled()
            .next()
            .or(rules.campaigns.list.first())
            .context("no campaign is in the file: say --text")?,
    };
    let step = match &args.step {
        Some(id) => campaign.step(id).with_context(|| {
            let steps: Vec<&str> = campaign.steps.iter().map(|s| s.id.as_str()).collect();
            format!("campaign {} has no step {id:?}: expected one of {}", campaign.id, steps.join(", "))
        })?,
        None => campaign
            .steps
            .iter()
            .find(|step| step.text.is_some())
            .with_context(|| format!("campaign {} has no step with a text", campaign.id))?,
    };
    anyhow::ensure!(step.text.is_some(), "step {} of campaign {} has no text", step.id, campaign.id);
    Ok((campaign, step))
}

//! The owner's two files: every mistake is said at once, with its place and a way out; the shipped files have none.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use bazgasht::campaign::check::{CheckContext, Checked};
use bazgasht::campaign::model::{Again, Campaigns, Exit, Goal, Kind, Language, LinkKind, Off, Start, Step, Trigger};
use bazgasht::campaign::wording::Trial;
use bazgasht::clock::Span;
use bazgasht::document::Shape;
use bazgasht::ids::SeededChance;
use bazgasht::problem::{Code, render_all};
use bazgasht::render::parts::Encoding;
use bazgasht::render::samples::SampleKind;
use bazgasht::settings::check::Outside;
use bazgasht::settings::model::{Settings, Tail, Which};
use bazgasht::{campaign, settings};

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/files").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn nothing_outside() -> Outside<'static> {
    outside(&[], &[])
}

fn outside(environment: &[(&str, &str)], credentials: &[(&str, &str)]) -> Outside<'static> {
    let owned = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>()
    };
    Outside {
        folder: Path::new("/etc/shop"),
        environment: owned(environment),
        credentials: owned(credentials),
        read: &|path| match path.to_str() {
            Some("/etc/shop/kavenegar.key") => Ok("KEY-FROM-FILE\n".to_owned()),
            Some("/etc/shop/days.toml") => Ok(settings::shipped::days(Language::Persian).to_owned()),
            Some("/etc/shop/days-broken.toml") => Ok(data("days-broken.toml")),
            _ => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
        },
    }
}

fn usual_settings() -> Settings {
    settings::check::without_file(&nothing_outside()).settings.expect("no settings are good settings")
}

fn campaigns_in(name: &str, source: &str) -> Checked {
    let settings = usual_settings();
    campaign::check::load(name, source, &CheckContext { settings: &settings, told: None })
}

fn good(source: &str) -> Campaigns {
    let checked = campaigns_in("campaigns.toml", source);
    checked.campaigns.unwrap_or_else(|| panic!("{}", render_all(&checked.problems, false)))
}

fn codes(checked: &Checked) -> Vec<Code> {
    checked.problems.iter().map(|p| p.code).collect()
}

/// All that is said about a file of `tests/data/files`.
fn said(name: &str) -> String {
    let checked = campaigns_in(name, &data(name));
    assert_eq!(checked.campaigns.is_none(), checked.problems.iter().any(bazgasht::problem::Problem::is_error));
    render_all(&checked.problems, false)
}

#[test]
fn the_four_mistakes_are_said_at_once() {
    let checked = campaigns_in("four.toml", &data("four.toml"));
    assert!(checked.campaigns.is_none());
    let found = codes(&checked);
    for code in [Code::UnknownKey, Code::UnknownPlaceholder, Code::Delay, Code::TooManyParts] {
        assert!(found.contains(&code), "{code} is missing from {found:?}");
    }
    insta::assert_snapshot!(said("four.toml"));
}

#[test]
fn a_problem_fits_on_a_line_of_a_log_and_into_json() {
    let checked = campaigns_in("four.toml", &data("four.toml"));
    let first = &checked.problems[0];
    insta::assert_snapshot!(first.to_string());
    insta::assert_json_snapshot!(first);
}

#[test]
fn shape() {
    insta::assert_snapshot!(said("shape.toml"));
}

#[test]
fn meaning() {
    insta::assert_snapshot!(said("meaning.toml"));
}

#[test]
fn steps_with_everything_wrong() {
    insta::assert_snapshot!(said("steps.toml"));
}

#[test]
fn a_file_of_questions_that_cannot_be_answered() {
    insta::assert_snapshot!(said("asks.toml"));
}

#[test]
fn warnings() {
    insta::assert_snapshot!(said("warnings.toml"));
}

#[test]
fn a_file_that_is_no_toml() {
    insta::assert_snapshot!(said("broken.toml"));
}

#[test]
fn a_secret_without_its_quotes_is_not_shown() {
    let checked = settings::check::load("settings.toml", "secret = whsec_AAECAwQFBgcICQoL\n", &nothing_outside());
    let said = format!("{}{}", render_all(&checked.problems, false), checked.problems[0]);
    assert!(said.contains("a text stands in quotes") && !said.contains("AAEC"), "{said}");
}

#[test]
fn one_mistake_is_said_alone() {
    let paid = "[budget]\nmonth = \"1000\"\n[gateway]\nuse = \"http\"\n[gateway.http]\nprice_persian = \"1\"\nprice_latin = \"1\"\n\
                tail = \"link\"\n[gateway.http.send]\nurl = \"https://sms.example/?to={to}&text={text}\"\nid_at = \"id\"\n\
                error_at = \"code\"\n[gateway.http.send.errors]\n5 = \"credit\"\n";
    let said = |source: &str| codes_of(&settings::check::load("settings.toml", source, &nothing_outside()).problems);
    assert_eq!(said(paid), []);
    assert_eq!(said(&paid.replace("[budget]", "[budget")), [Code::Syntax], "and not that no budget is there");
    assert_eq!(
        said(&paid.replace("\"credit\"", "\"kredit\"")),
        [Code::UnknownWord],
        "and not that no code is described"
    );
    assert_eq!(said(&paid.replace("tail = \"link\"\n", "")), [Code::DeafLine], "nobody would hear the reply");
    let euro =
        settings::check::load("settings.toml", &paid.replace("month", "currency = \"EUR\"\nmonth"), &nothing_outside());
    let [problem] = &euro.problems[..] else { panic!("{:?}", euro.problems) };
    assert!(problem.to_string().starts_with("settings.toml:2:"), "at the currency: {problem}");
}

fn codes_of(problems: &[bazgasht::problem::Problem]) -> Vec<Code> {
    problems.iter().map(|p| p.code).collect()
}

#[test]
fn settings_that_were_not_read_say_nothing_of_the_campaigns() {
    let folder = tempfile::tempdir().unwrap();
    let campaigns = "shop_name = \"s\"\n[[campaign]]\nid = \"a\"\nkind = \"marketing\"\ntrigger = { on = \"cart_abandoned\", idle = \"45m\" }\n\
                     [[campaign.step]]\nid = \"x\"\nafter = \"1h\"\ntext = \"سلام\"\nlink = \"cart\"\n\
                     template = { name = \"t\", gateway = \"kavenegar\" }\n";
    let files = bazgasht::cli::files::Files {
        config: Some(folder.path().join("bazgasht.toml")),
        campaigns: Some(folder.path().join("campaigns.toml")),
    };
    std::fs::write(folder.path().join("campaigns.toml"), campaigns).unwrap();
    let unused = |settings: &str| {
        std::fs::write(folder.path().join("bazgasht.toml"), settings).unwrap();
        let opened = bazgasht::cli::files::open(&files, None).unwrap();
        codes_of(&opened.problems).contains(&Code::UnusedTemplate)
    };
    assert!(unused(""), "the console is in use");
    assert!(!unused("[gateway]\nuse = \"kavenegar\"\n"), "its key is missing, and that is all");
}

#[test]
fn settings_with_everything_wrong() {
    let checked = settings::check::load("settings.toml", &data("settings.toml"), &nothing_outside());
    assert!(checked.settings.is_none());
    assert!(checked.holds_secret);
    let said = render_all(&checked.problems, false);
    assert!(!said.contains("A1B2C3") && !said.contains("c2hvcnQ"), "a secret is shown");
    insta::assert_snapshot!(said);
}

#[test]
fn a_days_file_with_everything_wrong() {
    let checked = settings::check::load("bazgasht.toml", "[hours]\ndays = \"days-broken.toml\"", &nothing_outside());
    assert!(checked.settings.is_none());
    insta::assert_snapshot!(render_all(&checked.problems, false));
}

#[test]
fn special_days_are_the_owners_or_those_of_iran() {
    let special = |source: &str| {
        let checked = settings::check::load("bazgasht.toml", source, &nothing_outside());
        checked.settings.unwrap_or_else(|| panic!("{}", render_all(&checked.problems, false))).hours.special
    };
    let shipped = special("[hours]\ndays = \"days.toml\"");
    assert!(shipped.len() > 20);
    for source in ["", "[shop]\ncountry = \"DE\"\ntimezone = \"Asia/Tehran\""] {
        assert!(special(source).is_empty(), "{source}");
    }
    for source in ["[shop]\ncountry = \"ir\"", "[shop]\ntimezone = \"Asia/Tehran\""] {
        assert_eq!(special(source), shipped, "{source}");
    }
    // A week that leaves nothing of Ramadan's windows is the owner's own choice.
    assert_eq!(special("[shop]\ncountry = \"IR\"\n[hours]\nstop_before = \"8h\"").len(), shipped.len());
    let missing = settings::check::load("bazgasht.toml", "[hours]\ndays = \"no.toml\"", &nothing_outside());
    assert!(missing.settings.is_none());
    assert_eq!(missing.problems.iter().map(|p| (p.code, p.place())).collect::<Vec<_>>(), [(Code::Unreadable, (2, 8))]);
}

#[test]
fn shipped_campaigns_have_no_problem_and_are_cheaply_written() {
    for language in [Language::Persian, Language::English] {
        let source = campaign::shipped::campaigns(language);
        let shipped =
            settings::shipped::settings(language, &format!("whsec_{}", "A".repeat(44)), Some("https://shop.example"));
        let checked = settings::check::load("bazgasht.toml", &shipped, &nothing_outside());
        assert!(checked.problems.is_empty(), "{}", render_all(&checked.problems, false));
        for settings in [checked.settings.unwrap(), usual_settings()] {
            let context = CheckContext { settings: &settings, told: None };
            let checked = campaign::check::load("campaigns.toml", source, &context);
            assert!(checked.problems.is_empty(), "{}", render_all(&checked.problems, false));
            let campaigns = checked.campaigns.unwrap();
            assert_eq!(campaigns.language, language);
            let trial = Trial::new(&campaigns, &context);
            for campaign in &campaigns.list {
                for step in campaign.steps.iter().filter(|step| step.text.is_some()) {
                    let usual = trial.text(SampleKind::Usual, campaign, step).unwrap();
                    if let Some(link) = usual.text.lines().find(|line| line.contains("/s/")) {
                        assert_eq!(link, "https://shop.example/s/3JcKdsX", "the link is not alone");
                    }
                    let wanted = if language == Language::Persian { Encoding::Ucs2 } else { Encoding::Gsm7 };
                    let own_tail = settings.gateway.line().opt_out_tail != Some(Tail::Words("لغو11".to_owned()));
                    if language == Language::Persian || own_tail {
                        assert_eq!(usual.parts.encoding, wanted, "{:?}", usual.parts.why_ucs2);
                    }
                }
            }
        }
    }
}

fn delay(step: &Step) -> Span {
    match step.time.start {
        Start::After(span) => span,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_three_that_are_on_and_the_slower_cart_stand_as_they_are() {
    for language in [Language::Persian, Language::English] {
        let campaigns = good(campaign::shipped::campaigns(language));
        let known = campaigns.list.iter().take(4);
        let shown: Vec<(&str, bool, Vec<Span>)> =
            known.map(|c| (c.id.as_str(), c.enabled, c.steps.iter().map(delay).collect())).collect();
        let expected = vec![
            ("abandoned-cart", true, vec![Span::hours(1), Span::hours(24), Span::hours(72)]),
            ("review-request", true, vec![Span::days(7), Span::days(14)]),
            ("cross-sell", true, vec![Span::days(14), Span::days(30)]),
            ("abandoned-cart-slow", false, vec![Span::days(1), Span::days(10)]),
        ];
        assert_eq!(shown, expected);
        let percents: Vec<Option<&Off>> =
            campaigns.list[0].steps.iter().map(|s| s.coupon.as_ref().map(|c| &campaigns.coupons[c].off)).collect();
        assert_eq!(percents, [None, Some(&Off::Percent(500)), Some(&Off::Percent(1_000))]);
    }
}

#[test]
fn what_the_reference_says_of_defaults_is_true() {
    for language in [Language::Persian, Language::English] {
        let reference = good(campaign::shipped::campaigns(language));
        let written = &reference.list[0];
        let bare = good(
            "[[campaign]]\nid = \"a\"\ntrigger = { on = \"cart_abandoned\" }\n[[campaign.step]]\nid = \"s\"\nafter = \"1h\"\ntext = \"\"\"\nسلام\n{{ link }}\"\"\"\n",
        );
        let usual = &bare.list[0];
        assert_eq!(written.trigger, usual.trigger);
        assert_eq!(
            (written.enabled, written.again, written.cool_off, written.give_up),
            (usual.enabled, usual.again, usual.cool_off, usual.give_up)
        );
        assert_eq!(
            (written.goal, &written.exits, written.kind, written.offer),
            (usual.goal, &usual.exits, usual.kind, usual.offer)
        );
        let (written, usual) = (&written.steps[0], &usual.steps[0]);
        assert_eq!(
            (written.link, written.best_before, written.max_parts),
            (usual.link, usual.best_before, usual.max_parts)
        );
    }
}

#[test]
fn defaults_follow_the_trigger() {
    let source = "
[[campaign]]
id = \"a\"
trigger = { on = \"order_status\", status = \"completed\" }
[[campaign.step]]
id = \"s\"
after = \"3 days\"
text = '''
سلام
{{ link }}'''
";
    let plain = good(source);
    let order = &plain.list[0];
    assert_eq!(order.trigger, Trigger::OrderStatus { statuses: vec!["completed".to_owned()] });
    assert_eq!((order.goal, order.kind, order.again), (Goal::Order, Kind::Marketing, Again::Always));
    assert_eq!((order.give_up, order.cool_off), (Span::days(45), Span::ZERO));
    assert_eq!(order.exits, [Exit::Order, Exit::TakenBack]);
    assert_eq!((order.steps[0].link, order.steps[0].best_before), (LinkKind::Shop, Span::hours(24)));
    let with =
        |line: &str| good(&source.replace("[[campaign.step]]", &format!("{line}\n[[campaign.step]]"))).list.remove(0);
    let review = with("goal = \"review\"");
    assert_eq!(
        (review.exits.as_slice(), review.steps[0].link),
        ([Exit::Review, Exit::TakenBack].as_slice(), LinkKind::Review)
    );
    let offer = with("offer = \"cross_sell\"");
    assert_eq!((offer.goal, offer.exits.as_slice()), (Goal::Offer, [Exit::BoughtOffer, Exit::TakenBack].as_slice()));
    assert_eq!(offer.steps[0].link, LinkKind::Product);
    assert_eq!(with("again = \"30 days\"").again, Again::After(Span::days(30)));
}

#[test]
fn places_hold_inside_texts_with_escapes() {
    let source = "[[campaign]]\nid = \"a\"\ntrigger = { on = \"cart_abandoned\" }\n[[campaign.step]]\nid = \"s\"\nafter = \"1h\"\ntext = \"\\u0633\\u0644\\u0627\\u0645 \\\"x\\\"\\n{{ contct.first_name }}\\n{{ link }}\"\n";
    let checked = campaigns_in("campaigns.toml", source);
    let problem = checked.problems.iter().find(|p| p.code == Code::UnknownPlaceholder).unwrap();
    let line = source.lines().nth(6).unwrap();
    let column = line.find("contct").map(|at| line[..at].chars().count() + 1).unwrap();
    assert_eq!(problem.place(), (7, column), "{problem}");
}

#[test]
fn no_settings_listen_on_loopback_and_cost_nothing() {
    let settings = usual_settings();
    assert!(settings.listen.ip().is_loopback());
    assert_eq!(settings.listen.port(), 8733);
    assert_eq!(settings.database, Path::new("/etc/shop/bazgasht.db"));
    assert!(settings.campaigns.is_none() && settings.secret.is_none());
    assert!(matches!(settings.gateway.first.which, Which::Console));
    assert_eq!(settings.gateway.line().price_ucs2.minor, 0);
    assert_eq!(
        (settings.caps.gap, settings.caps.day, settings.caps.week, settings.caps.month),
        (Span::hours(20), 1, 3, 6)
    );
    assert_eq!((settings.links.life, settings.hours.stop_before), (Span::days(30), Span::minutes(15)));
    let hours: Vec<String> = settings
        .hours
        .days
        .iter()
        .map(|d| d.map_or("off".into(), |(a, b)| format!("{}-{}", a.format("%H:%M"), b.format("%H:%M"))))
        .collect();
    assert_eq!(
        hours,
        ["09:00-21:00", "09:00-21:00", "09:00-21:00", "09:00-21:00", "10:00-21:00", "09:00-21:00", "09:00-21:00"]
    );
}

#[test]
fn the_service_keeps_its_database_in_its_state_folder() {
    let outside = outside(&[("STATE_DIRECTORY", "/var/lib/bazgasht:/var/lib/other")], &[]);
    let settings = |source| settings::check::load("bazgasht.toml", source, &outside).settings.unwrap();
    assert_eq!(settings("").database, Path::new("/var/lib/bazgasht/bazgasht.db"));
    assert_eq!(settings("database = \"x.db\"").database, Path::new("/var/lib/bazgasht/x.db"));
    assert_eq!(settings("database = \"/srv/x.db\"").database, Path::new("/srv/x.db"));
}

const PAID: &str = "
[gateway]
use = \"kavenegar\"
[gateway.kavenegar]
key_file = \"kavenegar.key\"
price_persian = \"1500\"
price_latin = \"3500\"
";

#[test]
fn secrets_come_from_the_surest_place() {
    let key = |outside: &Outside<'_>, source: &str| {
        let checked = settings::check::load("bazgasht.toml", source, outside);
        match checked.settings.unwrap_or_else(|| panic!("{}", render_all(&checked.problems, false))).gateway.first.which
        {
            Which::Kavenegar(options) => options.key.expose().to_owned(),
            other => panic!("{}", other.name()),
        }
    };
    let paid = format!("[budget]\nmonth = \"100000\"\n{PAID}");
    let inline = paid.replace("key_file = \"kavenegar.key\"", "key = \"INLINE\"");
    let environment = [("BAZGASHT_KAVENEGAR_KEY", "KEY-FROM-ENVIRONMENT")];
    let credentials = [("kavenegar-key", "KEY-FROM-SYSTEMD\n")];
    assert_eq!(key(&outside(&environment, &credentials), &inline), "KEY-FROM-ENVIRONMENT");
    assert_eq!(key(&outside(&[], &credentials), &inline), "KEY-FROM-SYSTEMD");
    assert_eq!(key(&nothing_outside(), &paid), "KEY-FROM-FILE");
    assert_eq!(key(&nothing_outside(), &inline), "INLINE");
    let none = paid.replace("key_file = \"kavenegar.key\"\n", "");
    assert_eq!(key(&outside(&environment, &[]), &none), "KEY-FROM-ENVIRONMENT");
    let checked = settings::check::load("bazgasht.toml", &none, &nothing_outside());
    assert_eq!(checked.problems.iter().map(|p| p.code).collect::<Vec<_>>(), [Code::MissingKey]);
}

#[test]
fn promise_06_a_paid_gateway_needs_a_budget() {
    let problems = |source: &str| {
        let checked = settings::check::load("bazgasht.toml", source, &nothing_outside());
        (checked.problems.iter().map(|p| p.code).collect::<Vec<_>>(), checked.settings.map(|s| s.budget))
    };
    assert_eq!(problems(PAID).0, [Code::NoBudget]);
    // Toman are counted in the Rial of the prices.
    let (codes, budget) = problems(&format!("[budget]\ncurrency = \"IRT\"\nmonth = \"50000\"\nday = 2000\n{PAID}"));
    assert_eq!(codes, []);
    let budget = budget.unwrap();
    assert_eq!(budget.month.map(|m| (m.minor, m.currency.code().to_owned())), Some((500_000, "IRR".to_owned())));
    assert_eq!(budget.day.map(|m| m.minor), Some(20_000));
    assert_eq!(problems(&format!("[budget]\ncurrency = \"EUR\"\nmonth = \"5\"\n{PAID}")).0, [Code::CurrencyMismatch]);
    // 15 Rial are no whole Toman.
    let toman = PAID.replace("key_file", "currency = \"IRT\"\nkey_file");
    assert_eq!(problems(&format!("[budget]\ncurrency = \"IRR\"\nmonth = \"15\"\n{toman}")).0, [Code::CurrencyMismatch]);
    assert_eq!(
        problems(&format!("[budget]\ncurrency = \"IRR\"\nmonth = \"150\"\n{toman}")).1.unwrap().month.map(|m| m.minor),
        Some(15)
    );
}

/// Each table of the manual names exactly the keys that the program knows.
#[test]
fn manuals_have_every_key() {
    let manual = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let keys_under = |manual: &str, shape: &Shape| -> BTreeSet<String> {
        let heading = format!("## `{}`", shape.name);
        let section = manual.split(&heading).nth(1).unwrap_or_else(|| panic!("no section {heading}"));
        let section = section.split("\n## ").next().unwrap_or_default();
        section.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split('`').next()?.to_owned())).collect()
    };
    let check = |path: &str, shapes: &[&Shape]| {
        let text = manual(path);
        for shape in shapes {
            let known: BTreeSet<String> = shape.keys.iter().map(|k| k.0.to_owned()).collect();
            assert_eq!(keys_under(&text, shape), known, "{path}: {}", shape.name);
        }
    };
    check("docs/campaigns.md", &campaign::file::SHAPES);
    check("docs/campaigns.md", &campaign::trigger::file::SHAPES);
    check("docs/settings.md", &settings::file::SHAPES);
    check("docs/settings.md", &settings::gateways::shapes());
    check("docs/days.md", &settings::days::SHAPES);
}

mod commands {
    use bazgasht::cli::check::{self, CheckArgs};
    use bazgasht::cli::files::Files;
    use bazgasht::cli::init::{self, InitArgs};
    use bazgasht::cli::preview::{self, PreviewArgs, Who};
    use bazgasht::cli::tongue::Tongue;
    use bazgasht::clock::{At, HandClock};

    use super::*;

    fn run<T>(run: impl FnOnce(&mut Vec<u8>) -> T) -> (T, String) {
        let mut out = Vec::new();
        let code = run(&mut out);
        (code, String::from_utf8(out).unwrap())
    }

    fn clock() -> HandClock {
        HandClock::at(At(1_795_500_000_000))
    }

    fn files(folder: &Path) -> Files {
        Files { config: Some(folder.join("bazgasht.toml")), campaigns: None }
    }

    #[test]
    fn init_writes_files_that_check_and_preview() {
        for language in [Tongue::Fa, Tongue::En] {
            let folder = tempfile::tempdir().unwrap();
            let args = InitArgs {
                language,
                dir: folder.path().join("shop"),
                shop_url: Some("https://shop.example/".parse().unwrap()),
                force: false,
            };
            let (code, said) = run(|out| init::run(&args, &SeededChance::new(1), out).unwrap());
            assert_eq!(code, 0);
            assert!(said.contains("What to do next"));
            assert!(!said.contains("whsec_"), "the secret is printed");
            let config = args.dir.join("bazgasht.toml");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                assert_eq!(std::fs::metadata(&config).unwrap().permissions().mode() & 0o777, 0o600);
            }
            let (code, said) =
                run(|out| check::run(&CheckArgs { files: files(&args.dir), json: false }, &clock(), out).unwrap());
            assert_eq!(code, 0);
            assert!(said.starts_with("OK: 58 campaigns (3 enabled), 132 steps, gateway console\nConsent: "), "{said}");
            // A shop in English begins with the stricter rule, one in Persian with what its bridge tells.
            assert_eq!(said.contains("who said yes"), language == Tongue::En, "{said}");
            assert_eq!(said.contains("no `rule` in [consent]"), language == Tongue::Fa, "{said}");
            let preview = |who| PreviewArgs { campaign: None, all: who == Who::All, who, files: files(&args.dir) };
            let (code, said) = run(|out| preview::run(&preview(Who::All), out).unwrap());
            assert_eq!(code, 0);
            assert!(!said.contains("not sent"), "{said}");
            let (_, said) = run(|out| preview::run(&preview(Who::Usual), out).unwrap());
            insta::assert_snapshot!(format!("preview_{language:?}"), said);

            let before = std::fs::read_to_string(&config).unwrap();
            let (code, said) = run(|out| init::run(&args, &SeededChance::new(2), out).unwrap());
            assert_eq!(code, 1);
            assert!(said.contains("nothing was written"));
            assert_eq!(std::fs::read_to_string(&config).unwrap(), before);
            let (code, _) =
                run(|out| init::run(&InitArgs { force: true, ..args }, &SeededChance::new(2), out).unwrap());
            assert_eq!(code, 0);
            assert_ne!(std::fs::read_to_string(&config).unwrap(), before);
            assert_eq!(std::fs::read_to_string(config.with_extension("toml.old")).unwrap(), before);
        }
    }

    #[test]
    fn check_says_no() {
        let folder = tempfile::tempdir().unwrap();
        let (config, campaigns) = (folder.path().join("bazgasht.toml"), folder.path().join("campaigns.toml"));
        std::fs::write(&config, "campaigns = \"campaigns.toml\"\nlisen = \"127.0.0.1:1\"\n").unwrap();
        std::fs::write(&campaigns, data("four.toml")).unwrap();
        let (code, said) =
            run(|out| check::run(&CheckArgs { files: files(folder.path()), json: false }, &clock(), out).unwrap());
        assert_eq!(code, 1);
        assert!(
            said.contains("did you mean `listen`") && said.contains("too-many-parts") && said.contains("Not good:"),
            "{said}"
        );
        let (code, said) =
            run(|out| check::run(&CheckArgs { files: files(folder.path()), json: true }, &clock(), out).unwrap());
        assert_eq!(code, 1);
        let answer: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(answer["ok"], false);
        assert_eq!(answer["problems"][0]["code"], "unknown-key");
        assert_eq!(answer["problems"][0]["line"], 2);
    }

    #[test]
    fn check_reads_the_days_and_tells_in_time_that_they_end() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bazgasht.toml"), "[hours]\ndays = \"days.toml\"\n").unwrap();
        let days = folder.path().join("days.toml");
        let check = |clock: HandClock| {
            run(|out| check::run(&CheckArgs { files: files(folder.path()), json: false }, &clock, out).unwrap())
        };
        // Readable by all, and no secret.
        std::fs::write(&days, settings::shipped::days(Language::Persian)).unwrap();
        assert_eq!(check(clock()).0, 0);
        assert!(!check(clock()).1.contains("warning"), "{}", check(clock()).1);
        let (code, said) = check(HandClock::at(At(1_893_456_000_000)));
        assert_eq!(code, 0);
        assert!(said.contains("days-end") && said.contains("days.toml:") && said.contains("1407-12-21"), "{said}");
        std::fs::write(&days, data("days-broken.toml")).unwrap();
        let (code, said) = check(clock());
        assert_eq!(code, 1);
        assert!(said.contains("days.toml:") && said.contains("Not good:"), "{said}");
        assert!(bazgasht::cli::files::open(&files(folder.path()), None).unwrap().rules.is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_for_everybody_to_read_is_a_warning() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bazgasht.toml");
        std::fs::write(&config, format!("secret = \"whsec_{}\"\n", "A".repeat(44))).unwrap();
        for (mode, warned) in [(0o644, true), (0o600, false)] {
            std::fs::set_permissions(&config, std::fs::Permissions::from_mode(mode)).unwrap();
            let (code, said) =
                run(|out| check::run(&CheckArgs { files: files(folder.path()), json: false }, &clock(), out).unwrap());
            assert_eq!((code, said.contains("readable-by-all")), (0, warned), "{said}");
        }
    }

    #[test]
    fn preview_knows_its_campaigns() {
        let args = PreviewArgs {
            campaign: Some("abandoned".to_owned()),
            all: false,
            who: Who::Usual,
            files: Files::default(),
        };
        let error = preview::run(&args, &mut Vec::new()).unwrap_err().to_string();
        assert!(error.contains("`abandoned-cart`"), "{error}");
    }
}

#[test]
fn providers_that_need_a_line_say_so() {
    let codes = |source: &str| {
        let checked = settings::check::load("bazgasht.toml", source, &nothing_outside());
        (checked.problems.iter().map(|p| p.code).collect::<Vec<_>>(), checked.settings)
    };
    let table = |name: &str, sender: &str| {
        format!(
            "[budget]\nmonth = \"100000\"\n[gateway]\nuse = \"{name}\"\n[gateway.{name}]\nkey = \"INLINE\"\n{sender}price_persian = 1500\nprice_latin = 3500\n"
        )
    };
    for (name, sender) in [("smsir", "sender = \"30007732\"\n"), ("ghasedak", "sender = \"cheapest\"\n")] {
        assert_eq!(codes(&table(name, "")).0, [Code::MissingKey], "{name}");
        let (said, settings) = codes(&table(name, sender));
        assert_eq!((said, settings.unwrap().gateway.names()), (vec![], vec![name]));
    }
    assert_eq!(codes(&table("smsir", "sender = \"fastest\"\n")).0, [Code::BadValue]);
}

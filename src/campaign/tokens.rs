//! A template's values against its provider's rules, as far as they can be seen in the file.

use super::file::RawTemplate;
use super::wording::{codes, fixed_parts};
use crate::document::{Problems, list};
use crate::problem::{Code, Label};
use crate::send::gateways;
use crate::send::gateways::tokens::{Names, TokenRules};
use crate::settings::model::GatewaySettings;

/// Checks one template for the gateway that it names, or for each gateway in use.
pub fn check(raw: &RawTemplate, used: &GatewaySettings, problems: &Problems) {
    match &raw.gateway {
        Some(named) => {
            if let Some(rules) = gateways::token_rules(&named.value) {
                fits(raw, &named.value, rules, problems);
                if !used.names().contains(&named.value.as_str()) {
                    let what = format!("template is for {}, which `[gateway] use` does not name", named.value);
                    let help =
                        "until it does, the text goes instead; put the gateway into `use`, or take the template out";
                    problems.add(Code::UnusedTemplate, &named.span, what, help);
                }
            } else {
                let what = format!("template is for {:?}, which is no gateway", named.value);
                problems.add(Code::UnknownWord, &named.span, what, "write its name as in `[gateway]`, or take it out");
            }
        }
        None => {
            for name in used.names() {
                // One that sends no templates sends the text.
                if let Some(rules) = gateways::token_rules(name).filter(|rules| rules.most != Some(0)) {
                    fits(raw, name, rules, problems);
                }
            }
        }
    }
}

fn fits(raw: &RawTemplate, gateway: &str, rules: TokenRules, problems: &Problems) {
    if let Some(most) = rules.most.filter(|most| raw.tokens.len() > *most) {
        let what = match most {
            0 => format!("{gateway} sends no templates"),
            _ => format!("template has {} tokens, {gateway} takes {most}", raw.tokens.len()),
        };
        problems.add(
            Code::Token,
            &raw.span,
            what,
            "take some out, or write a template for each gateway with `gateway = \"…\"`",
        );
    }
    for (name, text) in &raw.tokens {
        let refuse = |what: String, help: &str| problems.add(Code::Token, &text.span, what, help);
        let (value, token) = (&text.value, &name.value);
        let fixed = fixed_parts(value);
        let mut spaces = usize::MAX;
        match rules.names {
            Names::Free => {}
            Names::Fixed(known) => {
                if let Some((_, most)) = known.iter().find(|(known, _)| known == token) {
                    spaces = *most;
                } else {
                    let what = format!("template has no token {token:?}");
                    let help = format!("use {}", list(known.iter().map(|(name, _)| *name)));
                    problems.add(Code::Token, &name.span, what, help);
                }
            }
            Names::Positional if token.parse::<usize>().is_ok() => {}
            Names::Positional => {
                let what = format!("{gateway} knows tokens by their place, not as {token:?}");
                problems.add(Code::Token, &name.span, what, "call them `0`, `1`, … in the template's order");
            }
        }
        if fixed.contains('\n') {
            refuse(format!("token {token:?} has a new line in it, which {gateway} refuses"), "write it on one line");
        } else if fixed.chars().filter(|c| c.is_whitespace()).count() > spaces {
            let help = match rules.names {
                Names::Fixed(known) => known
                    .iter()
                    .filter(|(_, most)| *most > spaces)
                    .map(|(name, most)| format!("`{name}` (up to {most} spaces)"))
                    .collect::<Vec<_>>()
                    .join(" or "),
                _ => String::new(),
            };
            refuse(
                format!("token {token:?} has too many spaces for {gateway}"),
                &format!("use {help}, or write it shorter"),
            );
        } else if let Some(sign) = fixed.chars().find(|c| rules.forbidden.contains(c) && spaces == 0) {
            refuse(format!("token {token:?} has {sign:?} in it, which {gateway} refuses"), "take it out");
        }
        if let Some(longest) = rules.longest.filter(|longest| fixed.encode_utf16().count() > *longest) {
            refuse(
                format!("token {token:?} is longer than the {longest} characters that {gateway} takes"),
                "shorten it",
            );
        }
        if !rules.links && codes(value).iter().any(|(name, _)| *name == "link") {
            refuse(
                format!("token {token:?} is a link, which {gateway} refuses in a template's values"),
                "have the shop's address approved as part of the template, and give the rest in a token",
            );
        }
        if value.trim().is_empty() {
            let help =
                format!("write `{token} = \"{{{{ contact.first_name | default(\\\"…\\\") }}}}\"`, or take it out");
            refuse(format!("token {token:?} is empty, which {gateway} refuses"), &help);
        }
    }
    if let Names::Fixed([(first, _), ..]) = rules.names
        && !raw.tokens.iter().any(|(name, _)| name.value == *first)
    {
        let labels =
            raw.name.iter().map(|n| Label { span: n.span.clone(), text: "this template".to_owned() }).collect();
        let what = format!("template lacks `{first}`, without which {gateway} refuses it");
        problems.add_with(Code::Token, &raw.span, what, format!("write `tokens = {{ {first} = \"…\" }}`"), labels);
    }
}

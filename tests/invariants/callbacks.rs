//! What a provider calls us with. The first line says which gateway, what about, how and as what, such as
//! `kavenegar delivery POST application/json`; the second is the query, the rest the body.

use std::sync::Arc;

use bazgasht::phone;
use bazgasht::send::gateway::{Gateway, Inbound, Push};

use super::gateways::{all, named};
use super::{answers, first_line, reply, without_numbers};

/// As many messages as one call may be about.
const MOST_ROWS: usize = 1_000;

thread_local! {
    static GATEWAYS: Vec<Arc<dyn Gateway>> = all("http://127.0.0.1:1");
}

pub fn hold(bytes: &[u8]) {
    let (how, rest) = first_line(bytes);
    let (query, body) = first_line(rest.as_bytes());
    let mut words = how.split_whitespace();
    let mut word = || words.next().unwrap_or_default();
    let (name, about, method) = (word(), word(), word());
    let kind = Some(word()).filter(|kind| !kind.is_empty());
    let headers = kind.map(|kind| ("content-type".to_owned(), kind.to_owned())).into_iter().collect();
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let push = Push { method: method.to_owned(), query, headers, body: body.into_bytes(), ..Push::default() };
    GATEWAYS.with(|gateways| match about {
        "inbound" => inbound(named(gateways, name), &push),
        _ => delivery(named(gateways, name), &push),
    });
}

fn delivery(gateway: &dyn Gateway, push: &Push) {
    match gateway.delivery_push(push) {
        Ok(reports) => {
            assert!(reports.len() <= MOST_ROWS);
            reports.iter().for_each(answers::report);
            assert!(reports.iter().all(|report| report.reference.is_none_or(|reference| reference > 0)));
        }
        Err(why) => answers::trouble(&why),
    }
}

fn inbound(gateway: &dyn Gateway, push: &Push) {
    match gateway.inbound_push(push) {
        Ok(inbound) => {
            assert!(inbound.len() <= MOST_ROWS);
            for one in inbound {
                assert!(!one.from.trim().is_empty());
                drop(phone::parse(&one.from, None, "IR"));
                reply::of(&one.text);
                without_numbers(&format!("{:?}", Inbound { gateway_id: None, at_unix: None, ..one }));
            }
        }
        Err(why) => answers::trouble(&why),
    }
}

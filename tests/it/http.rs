//! Each route of the door: its answers, its limits, and what must not come out of it.

use std::sync::atomic::Ordering;

use bazgasht::clock::{At, Span};
use bazgasht::receive::event::Item;
use bazgasht::state::model::{Hold, Link, LinkKind};

use crate::world::door::{Open, PHONE, SHOP, START, batch, event, link};

const SLUG: &str = "3JcKdsX";

#[tokio::test]
async fn events_are_counted_as_accepted_duplicate_or_rejected() {
    let open = Open::door().await;
    let bad = r#"{"id":"e3","type":"cart.exploded","time":"2027-01-15T08:00:00+00:00","data":{}}"#.to_owned();
    let (status, answer) = open.post(&batch(&[event("e1"), event("e2"), event("e1"), bad])).await;
    assert_eq!(status, 200);
    assert_eq!((&answer["accepted"], &answer["duplicate"]), (&2.into(), &1.into()));
    assert_eq!(answer["rejected"][0]["id"], "e3");
    assert!(answer["rejected"][0]["error"].as_str().unwrap().contains("unknown type"));
    assert_eq!(open.desk.events.lock().unwrap().len(), 2);
    assert_eq!(open.desk.rejected.lock().unwrap()[0].1, "cart.exploded");
    let (_, again) = open.post(&batch(&[event("e1"), event("e2")])).await;
    assert_eq!((&again["accepted"], &again["duplicate"]), (&0.into(), &2.into()));
}

#[tokio::test]
async fn something_that_is_no_event_does_not_hold_up_its_batch() {
    let open = Open::door().await;
    let odd =
        ["7", r#"{"id":"x1"}"#, r#"{"id":5,"type":"page.viewed","time":"2027-01-15T08:00:00Z","data":{}}"#, "null"];
    let mut events: Vec<String> = odd.iter().map(|&s| s.to_owned()).collect();
    events.push(event("good"));
    let (status, answer) = open.post(&batch(&events)).await;
    assert_eq!((status, &answer["accepted"]), (200, &1.into()));
    let ids: Vec<&str> = answer["rejected"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["", "x1", "", ""]);
}

#[tokio::test]
async fn the_data_is_kept_as_it_was_sent() {
    let open = Open::door().await;
    let odd =
        r#"{"id":"e","type":"page.viewed","time":"2027-01-15T08:00:00+03:30","data":{ "page":"/x", "more": 1.50 }}"#;
    open.post(&batch(&[odd.to_owned()])).await;
    assert_eq!(open.desk.events.lock().unwrap()[0].data, r#"{ "page":"/x", "more": 1.50 }"#);
}

#[tokio::test]
async fn a_wrong_signature_stores_nothing_and_says_why() {
    let open = Open::door().await;
    let body = batch(&[event("e1")]);
    let answer = open.http.post(open.url("/v1/events")).body(body.clone()).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    open.clock.pass(Span::minutes(-6));
    let early = crate::world::door::signed_post(&open.http, open.address, body, START).await;
    assert_eq!(early.status(), 401);
    assert!(early.text().await.unwrap().contains("360 s away"));
    assert!(open.desk.events.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_without_an_envelope_is_400() {
    let open = Open::door().await;
    for body in ["", "[]", "{}", r#"{"events":{}}"#, "not json", r#"{"events":[}"#] {
        assert_eq!(open.post(body).await.0, 400, "{body}");
    }
    assert_eq!(open.post(r#"{"events":[]}"#).await.0, 200);
}

#[tokio::test]
async fn too_many_events_and_too_many_bytes_are_413() {
    let open = Open::door().await;
    let many: Vec<String> = (0..501).map(|n| event(&format!("e{n}"))).collect();
    assert_eq!(open.post(&batch(&many)).await.0, 413);
    assert_eq!(open.post(&batch(&many[..500])).await.0, 200);
    let long = format!(r#"{{"events":[],"pad":"{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(open.post(&long).await.0, 413);
    assert_eq!(open.desk.events.lock().unwrap().len(), 500);
}

#[tokio::test]
async fn when_nothing_can_be_stored_the_sender_is_told_to_come_again() {
    let open = Open::door().await;
    open.desk.full.store(true, Ordering::Relaxed);
    let answer = crate::world::door::signed_post(&open.http, open.address, batch(&[event("e1")]), START).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn the_driver_is_rung_after_something_new_and_only_then() {
    let open = Open::door().await;
    open.post(&batch(&[event("e1")])).await;
    assert!(rings(&open).await);
    open.post(&batch(&[event("e1")])).await;
    assert!(!rings(&open).await);
}

async fn rings(open: &Open) -> bool {
    tokio::select! {
        biased;
        () = open.nudge.notified() => true,
        () = std::future::ready(()) => false,
    }
}

#[tokio::test]
async fn a_link_leads_to_the_shop_and_counts_one_person() {
    let open = Open::door().await;
    open.desk.add_link(link(SLUG, LinkKind::Cart));
    let answer = open.get("/s/3JcKdsX").await;
    assert_eq!(answer.status(), 302);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("location"), format!("{SHOP}/?bazgasht={SLUG}&hit=0"));
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-robots-tag"), "noindex");
    assert_eq!(header("referrer-policy"), "no-referrer");
    let hits = open.desk.hits.lock().unwrap();
    assert_eq!((hits.len(), hits[0].slug.as_str(), hits[0].human), (1, SLUG, true));
}

#[tokio::test]
async fn machines_get_the_same_answer_and_are_counted_apart() {
    let open = Open::door().await;
    open.desk.add_link(link(SLUG, LinkKind::Cart));
    let url = open.url("/s/3JcKdsX");
    let asks = [
        open.http.head(&url).header("user-agent", PHONE),
        open.http.get(&url).header("user-agent", "WhatsApp/2.23.20.0 A"),
        open.http.get(&url).header("user-agent", PHONE).header("sec-purpose", "prefetch;prerender"),
        open.http.get(&url).header("user-agent", PHONE).header("x-moz", "prefetch"),
        open.http.get(&url),
    ];
    for ask in asks {
        assert_eq!(ask.send().await.unwrap().status(), 302);
    }
    let hits = open.desk.hits.lock().unwrap();
    assert_eq!(hits.len(), 5);
    assert!(hits.iter().all(|h| !h.human));
}

#[tokio::test]
async fn unknown_dead_and_ill_formed_slugs_go_to_the_front_page() {
    let open = Open::door().await;
    open.desk.add_link(Link { expires: START, ..link("3JcKdsY", LinkKind::Cart) });
    for path in ["/s/3JcKdsZ", "/s/3JcKdsY", "/s/short", "/s/%ff%fe", "/s/a/b/c", "/s", "/s/", "/s/..%2f..%2fx"] {
        let answer = open.get(path).await;
        assert_eq!(answer.status(), 302, "{path}");
        assert_eq!(answer.headers()["location"], SHOP, "{path}");
    }
    assert!(open.desk.hits.lock().unwrap().is_empty());
}

#[tokio::test]
async fn before_the_shop_is_known_a_link_is_a_plain_404() {
    let open = Open::door().await;
    *open.desk.shop.lock().unwrap() = None;
    open.desk.add_link(link(SLUG, LinkKind::Cart));
    assert_eq!(open.get("/s/3JcKdsX").await.status(), 404);
}

#[tokio::test]
async fn the_bridge_is_told_what_to_restore_and_nothing_personal() {
    let open = Open::door().await;
    open.desk.add_link(link(SLUG, LinkKind::Cart));
    *open.desk.cart.lock().unwrap() = vec![Item {
        product_id: "12".into(),
        variation_id: Some("34".into()),
        name: "چای".into(),
        quantity: 2,
        unit_price: Some("5000".into()),
        url: Some("https://shop.example/tea".into()),
        attributes: [("attribute_colour".to_owned(), "Green".to_owned())].into(),
    }];
    let (status, answer) = open.ask("/v1/links/3JcKdsX?hit=1", &[("bazgasht-visitor-agent", PHONE)]).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer,
        serde_json::json!({
            "slug": SLUG, "kind": "cart", "human": true,
            "restore": { "items": [ { "product_id": "12", "variation_id": "34", "quantity": 2, "name": "چای", "unit_price": "5000", "attributes": { "attribute_colour": "Green" } } ] },
            "product_id": null, "order_id": null, "url": null,
            "coupon": "off5", "coupon_offer": null, "expires_at": "2027-01-29T08:00:00Z"
        })
    );
    assert_eq!(open.desk.hits.lock().unwrap().len(), 1);
    assert!(open.desk.hits.lock().unwrap()[0].human);
}

#[tokio::test]
async fn the_bridge_passes_the_visitor_on_and_says_when_not_to_count() {
    let open = Open::door().await;
    open.desk.add_link(link(SLUG, LinkKind::Shop));
    let (_, answer) = open.ask("/v1/links/3JcKdsX?hit=0", &[("bazgasht-visitor-agent", PHONE)]).await;
    assert_eq!(answer["restore"], serde_json::Value::Null);
    assert!(open.desk.hits.lock().unwrap().is_empty());
    for visitor in [
        vec![("bazgasht-visitor-agent", PHONE), ("bazgasht-visitor-method", "HEAD")],
        vec![("bazgasht-visitor-agent", PHONE), ("bazgasht-visitor-purpose", "prefetch")],
        vec![("bazgasht-visitor-agent", "TelegramBot (like TwitterBot)")],
        vec![],
    ] {
        let (_, answer) = open.ask("/v1/links/3JcKdsX?hit=1", &visitor).await;
        assert_eq!(answer["human"], false);
    }
    let hits = open.desk.hits.lock().unwrap();
    assert_eq!((hits.len(), hits.iter().filter(|h| h.human).count()), (4, 0));
}

#[tokio::test]
async fn unknown_links_are_404_and_dead_ones_410_for_the_bridge() {
    let open = Open::door().await;
    open.desk.add_link(Link { expires: START, ..link("3JcKdsY", LinkKind::Cart) });
    assert_eq!(open.ask("/v1/links/3JcKdsZ?hit=1", &[]).await.0, 404);
    assert_eq!(open.ask("/v1/links/nonsense!", &[]).await.0, 404);
    assert_eq!(open.ask("/v1/links/3JcKdsY?hit=1", &[]).await.0, 410);
    assert!(open.desk.hits.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_signed_get_is_good_for_its_own_path_only() {
    use bazgasht::receive::signature::{Key, request_line};
    let open = Open::door().await;
    open.desk.add_link(link(SLUG, LinkKind::Cart));
    let seconds = START.0 / 1_000;
    let signature = Key::parse(crate::world::door::SECRET).unwrap().sign(
        "m",
        seconds,
        request_line("GET", "/v1/status").as_bytes(),
    );
    for (path, status) in
        [("/v1/status", 200), ("/v1/links/3JcKdsX", 401), ("/v1/status?x=1", 401), ("/v1/coupons", 401)]
    {
        let answer = open
            .http
            .get(open.url(path))
            .header("webhook-id", "m")
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", &signature)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
}

#[tokio::test]
async fn the_bridge_reads_coupons_status_and_reports() {
    let open = Open::door().await;
    let (_, coupons) = open.ask("/v1/coupons", &[]).await;
    assert_eq!(
        coupons,
        serde_json::json!({"coupons":[{"code":"off5","discount_type":"percent","amount":"5","expires_at":null,"description":"Bazgasht: baskets"}]})
    );
    let (_, status) = open.ask("/v1/status", &[]).await;
    assert_eq!(
        status,
        serde_json::json!({"version": env!("CARGO_PKG_VERSION"), "ready": true, "shop_url": SHOP, "gateway": "mute", "paused": null, "detour": null, "reached_shop_at": null})
    );
    assert_eq!(
        open.ask("/v1/reports/summary?since=2027-01-01", &[]).await,
        (200, serde_json::json!({"since":"2027-01-01"}))
    );
    assert_eq!(open.ask("/v1/reports/nothing", &[]).await.0, 404);
    for path in ["/v1/coupons", "/v1/status", "/v1/reports/summary", "/v1/links/3JcKdsX"] {
        assert_eq!(open.get(path).await.status(), 401, "{path} unsigned");
    }
}

#[tokio::test]
async fn callbacks_need_their_own_token_and_are_answered_after_they_are_kept() {
    let open = Open::door().await;
    let delivery = format!("/gateway/mute/delivery/{}?id=g1", open.tokens.delivery);
    assert_eq!(open.get(&delivery).await.status(), 200);
    assert_eq!(open.heard.reports.lock().unwrap()[0].gateway_id.as_deref(), Some("g1"));
    let inbound = open.url(&format!("/gateway/mute/inbound/{}", open.tokens.inbound));
    assert_eq!(open.http.post(&inbound).body("11").send().await.unwrap().status(), 200);
    assert_eq!(*open.heard.replies.lock().unwrap(), 1);

    for path in [
        format!("/gateway/mute/delivery/{}?id=g1", open.tokens.inbound),
        "/gateway/mute/delivery/guess?id=g1".to_owned(),
        format!("/gateway/other/delivery/{}?id=g1", open.tokens.delivery),
    ] {
        assert_eq!(open.get(&path).await.status(), 404, "{path}");
    }
    assert_eq!(open.heard.reports.lock().unwrap().len(), 1);

    let unreadable = format!("/gateway/mute/delivery/{}", open.tokens.delivery);
    assert_eq!(open.get(&unreadable).await.status(), 200, "calling again would not help");
    let long = open.http.post(&inbound).body("x".repeat((64 << 10) + 1)).send().await.unwrap();
    assert_eq!(long.status(), 413);
    open.heard.full.store(true, Ordering::Relaxed);
    assert_eq!(open.http.post(&inbound).body("11").send().await.unwrap().status(), 503, "a reply may be an opting-out");
}

#[tokio::test]
async fn readiness_names_what_is_wrong() {
    let open = Open::door().await;
    assert_eq!(open.get("/healthz").await.status(), 200);
    let answer = open.get("/readyz").await;
    assert_eq!(answer.status(), 200);

    let hold = |scope: &str| Hold { scope: scope.parse().unwrap(), why: "no credit".into(), since: START, until: None };
    open.desk.holds.lock().unwrap().push(hold("mute/credit"));
    let answer = open.get("/readyz").await;
    assert_eq!(answer.status(), 200, "texts go by another");
    let said: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(said["gateway"], "ok, but no credit (mute/credit); texts go by deaf meanwhile");
    let status = open.ask("/v1/status", &[]).await.1;
    assert_eq!(status["paused"], serde_json::Value::Null);
    assert_eq!(status["detour"], "no credit (mute/credit); texts go by deaf meanwhile");

    open.desk.holds.lock().unwrap().push(hold("deaf/credit"));
    let answer = open.get("/readyz").await;
    assert_eq!(answer.status(), 503);
    let said: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(said["gateway"], "on hold: no credit (mute/credit); no credit (deaf/credit)");
    assert_eq!(open.ask("/v1/status", &[]).await.1["paused"], "no credit (mute/credit); no credit (deaf/credit)");
    open.desk.holds.lock().unwrap().clear();

    open.desk.full.store(true, Ordering::Relaxed);
    open.clock.pass(Span::seconds(3));
    let answer = open.get("/readyz").await;
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.unwrap().contains("disk full"));
    assert_eq!(open.get("/healthz").await.status(), 200, "alive all the same");
}

#[tokio::test]
async fn a_bad_file_is_named_but_does_not_make_a_running_daemon_unready() {
    let open = Open::door().await;
    open.health.not_loaded(2, "campaigns.toml:3:1: unknown key".into());
    let answer = open.get("/readyz").await;
    assert_eq!(answer.status(), 200);
    let said: serde_json::Value = answer.json().await.unwrap();
    let said = said["campaigns"].as_str().unwrap();
    assert!(said.contains("2 problems") && said.contains("campaigns.toml:3:1"), "{said}");
}

#[tokio::test]
async fn every_metric_is_in_the_operators_page_and_the_other_way_round() {
    let open = Open::door().await;
    open.post(&batch(&[event("e1")])).await;
    open.desk.holds.lock().unwrap().push(Hold {
        scope: "kavenegar/credit".parse().unwrap(),
        why: "no credit".into(),
        since: START,
        until: None,
    });
    let text = open.get("/metrics").await.text().await.unwrap();
    let mut shown: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let page = include_str!("../../docs/operating.md");
    let mut listed: Vec<&str> =
        page.lines().filter_map(|l| l.strip_prefix("| `bazgasht_")?.split('`').next()).collect();
    shown.sort_unstable();
    listed.sort_unstable();
    let shown: Vec<String> = shown.iter().map(|n| n.trim_start_matches("bazgasht_").to_owned()).collect();
    assert_eq!(shown, listed);
    assert!(text.contains(r#"bazgasht_events_total{outcome="accepted"} 1"#), "{text}");
    assert!(text.contains(r#"bazgasht_http_requests_total{route="/v1/events",status="2xx"} 1"#), "{text}");
    assert!(text.contains(r#"bazgasht_hold{scope="kavenegar/credit"} 1"#), "{text}");
    assert!(text.contains("bazgasht_oldest_due_message_age_seconds 1.5"), "{text}");
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn no_path_or_slug_gets_into_the_metrics() {
    let open = Open::door().await;
    open.get("/s/3JcKdsX").await;
    open.get("/gateway/mute/delivery/guess").await;
    let text = open.get("/metrics").await.text().await.unwrap();
    assert!(!text.contains("3JcKdsX") && !text.contains("guess"));
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    let open = Open::door().await;
    assert_eq!(open.get("/v1/events").await.status(), 405);
    assert_eq!(open.get("/nothing").await.status(), 404);
    let _ = At(0);
}

#[tokio::test]
async fn another_shop_is_told_so_and_nothing_of_it_is_taken() {
    let open = Open::door().await;
    let path = "/v1/status";
    for own in ["", "http://www.SHOP.example", SHOP] {
        assert_eq!(open.ask(path, &[("bazgasht-shop", own)]).await.0, 200, "{own}");
    }
    let (status, answer) = open.ask(path, &[("bazgasht-shop", "https://staging.shop.example")]).await;
    assert_eq!((status, answer), (409, serde_json::json!({"error": "another_shop", "shop": SHOP})));
    for path in ["/v1/coupons", "/v1/links/3JcKdsX?hit=1", "/v1/reports/summary"] {
        assert_eq!(open.ask(path, &[("bazgasht-shop", "https://shop.example/copy")]).await.0, 409, "{path}");
    }
    let unsigned = open.http.get(open.url(path)).header("bazgasht-shop", "https://staging.shop.example");
    assert_eq!(unsigned.send().await.unwrap().status(), 401, "who has no secret learns no address");
    assert_eq!(open.desk.others.lock().unwrap().len(), 4);
    assert_eq!(open.desk.others.lock().unwrap()[0], ("https://staging.shop.example".to_owned(), START));
    let scraped = open.get("/metrics").await.text().await.unwrap();
    assert!(scraped.contains("bazgasht_calls_of_another_shop_total 4"), "{scraped}");
    *open.desk.shop.lock().unwrap() = None;
    assert_eq!(
        open.ask(path, &[("bazgasht-shop", "https://any.example")]).await.0,
        200,
        "nobody has said yet which is ours"
    );
}

#[tokio::test]
async fn the_settings_word_on_the_address_stands_against_the_shops() {
    let open = Open::door().await;
    let told = r#"{"id":"e1","type":"shop.updated","time":"2027-01-15T08:00:00Z","data":{"name":"x","url":"https://new.example","currency":"IRT"}}"#;
    *open.desk.set_shop.lock().unwrap() = Some(SHOP.to_owned());
    assert_eq!(open.post(&batch(&[event("e0"), told.to_owned()])).await.0, 409);
    assert!(open.desk.events.lock().unwrap().is_empty());
    *open.desk.set_shop.lock().unwrap() = None;
    assert_eq!(open.post(&batch(&[told.to_owned()])).await.0, 200);
}

async fn page_of(open: &Open, slug: &str) -> (reqwest::header::HeaderMap, String) {
    let answer = open.get(&format!("/s/{slug}/stop")).await;
    assert_eq!(answer.status(), 200);
    (answer.headers().clone(), answer.text().await.unwrap())
}

fn proof_in(page: &str) -> String {
    page.split("name=\"proof\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn press(open: &Open, slug: &str, body: String) -> (u16, String) {
    let request = open.http.post(open.url(&format!("/s/{slug}/stop"))).body(body);
    let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn the_stop_page_is_alone_and_the_same_for_every_slug() {
    let open = Open::door().await;
    open.desk.add_link(link(SLUG, LinkKind::Cart));
    let (headers, page) = page_of(&open, SLUG).await;
    assert!(page.contains("dir=\"rtl\"") && page.contains("چای &lt;نو&gt;") && !page.contains("<script"));
    for (name, value) in
        [("cache-control", "no-store"), ("x-robots-tag", "noindex, nofollow"), ("referrer-policy", "no-referrer")]
    {
        assert_eq!(headers[name], value);
    }
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let without_proof = |page: &str| page.replace(&proof_in(page), "");
    for other in ["AAAAAAA", "%22%3E%3Cscript%3E", "x"] {
        assert_eq!(without_proof(&page_of(&open, other).await.1), without_proof(&page), "{other}");
    }
    assert!(open.desk.events.lock().unwrap().is_empty() && open.desk.hits.lock().unwrap().is_empty(), "only looked at");
}

#[tokio::test]
async fn a_question_is_answered_with_two_taps() {
    let open = Open::door().await;
    open.desk.add_link(link(SLUG, LinkKind::Ask));
    open.desk.add_link(link("AAAAAAA", LinkKind::Cart));
    let first = open.get(&format!("/s/{SLUG}")).await;
    assert_eq!(
        (first.status().as_u16(), &first.headers()["location"]),
        (302, &format!("/s/{SLUG}/ask").parse().unwrap())
    );
    let answer = open.get(&format!("/s/{SLUG}/ask")).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
    let page = answer.text().await.unwrap();
    assert!(page.contains("<h1>راضی بودید؟</h1>") && page.contains("value=\"بله\"") && page.contains("value=\"نه\""));
    assert!(open.desk.events.lock().unwrap().is_empty(), "only looked at");
    for other in ["AAAAAAA", "BBBBBBB"] {
        assert_eq!(open.get(&format!("/s/{other}/ask")).await.status(), 302, "{other}");
    }
    let press = |body: String| {
        let request = open.http.post(open.url(&format!("/s/{SLUG}/ask"))).body(body);
        async {
            request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap().status().as_u16()
        }
    };
    let proof = proof_in(&page);
    assert_eq!(press(format!("proof={proof}&answer=%D8%A8%D9%84%D9%87!")).await, 403, "no answer of this question");
    assert_eq!(press("proof=00&answer=%D8%A8%D9%84%D9%87".to_owned()).await, 403, "a foreign page");
    assert!(open.desk.events.lock().unwrap().is_empty());
    for _ in 0..2 {
        assert_eq!(press(format!("proof={proof}&answer=%D8%A8%D9%84%D9%87")).await, 200);
    }
    let events = open.desk.events.lock().unwrap();
    let told: Vec<_> = events.iter().map(|e| (e.kind.as_str(), e.data.as_str())).collect();
    assert_eq!(told, [("contact.answered", format!("{{\"answer\":\"بله\",\"link\":\"{SLUG}\"}}").as_str())]);
}

#[tokio::test]
async fn what_is_pressed_becomes_an_event() {
    let open = Open::door().await;
    open.desk.add_link(link(SLUG, LinkKind::Cart));
    let proof = proof_in(&page_of(&open, SLUG).await.1);
    for (choice, kind, has) in [
        ("all", "contact.opted_out", "\"scope\":\"all\""),
        ("orders", "contact.opted_out", "\"scope\":\"marketing\""),
        ("pause", "contact.opted_out", "\"until\":\"2027-02-14T08:00:00Z\""),
        ("again", "contact.opted_in", "\"source\":\"link\""),
    ] {
        for _ in 0..2 {
            assert_eq!(press(&open, SLUG, format!("proof={proof}&choice={choice}")).await.0, 200);
        }
        let events = open.desk.events.lock().unwrap();
        let last = events.last().unwrap();
        assert!(last.kind == kind && last.data.contains(has) && last.data.contains(SLUG), "{last:?}");
    }
    assert_eq!(open.desk.events.lock().unwrap().len(), 4, "double taps are one");
}

#[tokio::test]
async fn a_choice_that_is_not_whole_changes_nothing() {
    let open = Open::door().await;
    open.desk.add_link(link(SLUG, LinkKind::Cart));
    let proof = proof_in(&page_of(&open, SLUG).await.1);
    let other = proof_in(&page_of(&open, "AAAAAAA").await.1);
    let long = format!("proof={proof}&choice=all&x={}", "x".repeat(2_000));
    for body in [
        String::new(),
        "choice=all".into(),
        format!("proof={other}&choice=all"),
        format!("proof={proof}&choice=most"),
        long,
    ] {
        assert_eq!(press(&open, SLUG, body).await.0, 403);
    }
    assert_eq!(press(&open, "AAAAAAA", format!("proof={other}&choice=all")).await.0, 200, "the same is said");
    assert!(open.desk.events.lock().unwrap().is_empty());
    open.desk.full.store(true, Ordering::Relaxed);
    assert_eq!(press(&open, SLUG, format!("proof={proof}&choice=all")).await.0, 503);
    let bare = open.http.post(open.url(&format!("/s/{SLUG}"))).send().await.unwrap();
    assert_eq!(bare.status(), 405);
}

#[tokio::test]
async fn too_many_choices_at_once_are_put_off() {
    let open = Open::door().await;
    open.desk.add_link(link(SLUG, LinkKind::Cart));
    let proof = proof_in(&page_of(&open, SLUG).await.1);
    let mut taken = 0;
    while press(&open, SLUG, format!("proof={proof}&choice=all")).await.0 == 200 {
        taken += 1;
    }
    assert_eq!(taken, 60);
    let (status, page) = press(&open, SLUG, format!("proof={proof}&choice=all")).await;
    assert!(status == 429 && page.contains(&proof), "{status}");
    open.clock.pass(Span(500));
    assert_eq!(press(&open, SLUG, format!("proof={proof}&choice=all")).await.0, 200);
}

//! The bridge's side of a call to the daemon.

use bazgasht::clock::At;
use bazgasht::receive::signature::{Key, header};
use reqwest::RequestBuilder;

/// Signs `payload`, the body or the request line, as the bridge does.
pub fn signed(request: RequestBuilder, secret: &str, payload: &[u8], now: At) -> RequestBuilder {
    let seconds = now.0.div_euclid(1_000);
    let signature = Key::parse(secret).unwrap().sign("msg_1", seconds, payload);
    request
        .header(header::ID, "msg_1")
        .header(header::TIMESTAMP, seconds.to_string())
        .header(header::SIGNATURE, signature)
}

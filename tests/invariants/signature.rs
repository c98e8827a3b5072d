//! The first line is the id, the second a few numbers that choose what is spoilt, the rest the payload.

use bazgasht::clock::At;
use bazgasht::receive::signature::{Key, Signed, Verifier, secret_from};

use super::first_line;

const NOW_S: i64 = 1_800_000_000;

pub fn hold(bytes: &[u8]) {
    let (id, rest) = first_line(bytes);
    let (choice, payload) = first_line(rest.as_bytes());
    let mut numbers = choice.split_whitespace().map(|n| n.parse::<usize>().unwrap_or(n.len()));
    let mut number = || numbers.next().unwrap_or_default();
    only_what_was_signed_is_believed(&id, payload.as_bytes(), number(), number());
    a_key_is_never_shown(&payload);
    headers_never_panic(&id, &choice, &payload);
}

/// The right key and the very bytes are believed; with one bit changed anywhere, or another key, nothing is.
pub fn only_what_was_signed_is_believed(id: &str, payload: &[u8], bit: usize, drift: usize) {
    let key = Key::parse(&secret_from([7; 32])).unwrap();
    let verifier = Verifier::new(vec![key.clone()]);
    let time = NOW_S + i64::try_from(drift % 601).unwrap() - 300;
    let signature = key.sign(id, time, payload);
    let timestamp = time.to_string();
    let verify = |id: &str, timestamp: &str, signature: &str, payload: &[u8]| {
        verifier.verify(Signed { id, timestamp, signature }, payload, At(NOW_S * 1_000)).is_ok()
    };
    // An id with a full stop could pass for another id, time and payload of the same signed bytes.
    assert_eq!(verify(id, &timestamp, &signature, payload), !id.contains('.'), "as signed");

    let spoilt = |text: &str| flipped(text.as_bytes(), bit).and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(payload) = flipped(payload, bit) {
        assert!(!verify(id, &timestamp, &signature, &payload), "payload");
    }
    for (what, id, timestamp, signature) in [
        ("id", spoilt(id), Some(timestamp.clone()), Some(signature.clone())),
        ("timestamp", Some(id.to_owned()), spoilt(&timestamp), Some(signature.clone())),
        ("signature", Some(id.to_owned()), Some(timestamp.clone()), spoilt(&signature)),
    ] {
        if let (Some(id), Some(timestamp), Some(signature)) = (id, timestamp, signature) {
            assert!(!verify(&id, &timestamp, &signature, payload), "{what}");
        }
    }
    let other = Verifier::new(vec![Key::parse(&secret_from([8; 32])).unwrap()]);
    let signed = Signed { id, timestamp: &timestamp, signature: &signature };
    assert!(other.verify(signed, payload, At(NOW_S * 1_000)).is_err(), "another key");

    // The same bytes under the mac, cut at other full stops.
    let whole = [id.as_bytes(), timestamp.as_bytes(), payload].join(&b'.');
    let Ok(whole) = String::from_utf8(whole) else { return };
    let stops: Vec<usize> = whole.match_indices('.').map(|(at, _)| at).take(12).collect();
    for (n, first) in stops.iter().enumerate() {
        for second in &stops[n + 1..] {
            let cut = (&whole[..*first], &whole[first + 1..*second], &whole[second + 1..]);
            if cut != (id, timestamp.as_str(), &whole[whole.len() - payload.len()..]) {
                assert!(!verify(cut.0, cut.1, &signature, cut.2.as_bytes()), "cut elsewhere: {cut:?}");
            }
        }
    }
}

fn flipped(bytes: &[u8], bit: usize) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let at = (bit / 8) % bytes.len().max(1);
    *bytes.get_mut(at)? ^= 1 << (bit % 8);
    Some(bytes)
}

fn a_key_is_never_shown(text: &str) {
    if let Ok(key) = Key::parse(text) {
        assert_eq!(format!("{key:?}"), "Key(•••)");
    }
}

fn headers_never_panic(id: &str, timestamp: &str, signature: &str) {
    let verifier = Verifier::new(vec![Key::parse(&secret_from([7; 32])).unwrap()]);
    let signed = Signed { id, timestamp, signature };
    assert!(verifier.verify(signed, b"{}", At(NOW_S * 1_000)).is_err(), "a made-up signature");
}

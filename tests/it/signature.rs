//! The scheme, against the vectors that the bridge's tests read too.

use bazgasht::clock::At;
use bazgasht::receive::signature::{Key, SignatureError, Signed, Verifier};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    signatures: Vec<Vector>,
    refused_secrets: Vec<Refused>,
}

#[derive(Deserialize)]
struct Refused {
    name: String,
    secret: String,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    secret: String,
    id: String,
    timestamp: i64,
    payload: String,
    signature: String,
    now: i64,
    valid: bool,
}

fn vectors() -> Vectors {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/signatures/vectors.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn judge(keys: Vec<Key>, v: &Vector, signature: &str) -> Result<(), SignatureError> {
    let timestamp = v.timestamp.to_string();
    let signed = Signed { id: &v.id, timestamp: &timestamp, signature };
    Verifier::new(keys).verify(signed, v.payload.as_bytes(), At(v.now * 1_000)).map(drop)
}

#[test]
fn every_vector_is_judged_as_it_says() {
    let vectors = vectors().signatures;
    assert!(vectors.len() >= 10, "the vectors are there");
    for v in &vectors {
        let key = Key::parse(&v.secret).unwrap();
        assert_eq!(judge(vec![key.clone()], v, &v.signature).is_ok(), v.valid, "{}", v.name);
        if v.valid && !v.signature.contains(' ') {
            assert_eq!(key.sign(&v.id, v.timestamp, v.payload.as_bytes()), v.signature, "{}", v.name);
        }
    }
}

#[test]
fn what_is_no_secret_is_refused_without_being_quoted() {
    for Refused { name, secret } in vectors().refused_secrets {
        let said = Key::parse(&secret).expect_err(&name).to_string();
        assert!(secret.is_empty() || !said.contains(&secret), "{name}: {said}");
    }
}

#[test]
fn while_a_secret_changes_both_are_believed() {
    let v = &vectors().signatures[0];
    let other = Key::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let old = Key::parse(&v.secret).unwrap();
    assert_eq!(judge(vec![other.clone()], v, &v.signature), Err(SignatureError::Mismatch));
    assert_eq!(judge(vec![other.clone(), old.clone()], v, &v.signature), Ok(()), "two secrets");
    let wrong = other.sign(&v.id, v.timestamp, v.payload.as_bytes());
    assert_eq!(judge(vec![old], v, &format!("{wrong} {}", v.signature)), Ok(()), "two signatures");
}

#[test]
fn five_minutes_either_way_and_no_second_more() {
    let key = Key::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let verifier = Verifier::new(vec![key.clone()]);
    let signature = key.sign("m", 1_000, b"x");
    let signed = Signed { id: "m", timestamp: "1000", signature: &signature };
    for (now_s, outcome) in [
        (700, Ok(())),
        (1_300, Ok(())),
        (699, Err(SignatureError::Stale(301))),
        (1_301, Err(SignatureError::Stale(301))),
    ] {
        assert_eq!(verifier.verify(signed, b"x", At(now_s * 1_000)).map(drop), outcome, "{now_s}");
    }
}

#[test]
fn an_id_that_could_end_elsewhere_is_not_believed() {
    let key = Key::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    // The same bytes are signed for the id `m`, the time 999 and the payload `1000.x`.
    let signature = key.sign("m.999", 1_000, b"x");
    let signed = Signed { id: "m.999", timestamp: "1000", signature: &signature };
    assert_eq!(Verifier::new(vec![key]).verify(signed, b"x", At(1_000_000)).map(drop), Err(SignatureError::Id));
}

#[test]
fn nothing_half_right_is_believed() {
    let key = Key::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let verifier = Verifier::new(vec![key.clone()]);
    let good = key.sign("m", 1_000, b"x");
    let verify = |id, timestamp, signature: &str, payload: &[u8]| {
        verifier.verify(Signed { id, timestamp, signature }, payload, At(1_000_000)).map(drop)
    };
    assert_eq!(verify("m", "1000", &good, b"x"), Ok(()));
    assert_eq!(verify("n", "1000", &good, b"x"), Err(SignatureError::Mismatch));
    assert_eq!(verify("m", "1001", &good, b"x"), Err(SignatureError::Mismatch));
    assert_eq!(verify("m", "1000", &good, b"y"), Err(SignatureError::Mismatch));
    assert_eq!(verify("m", "1000.0", &good, b"x"), Err(SignatureError::Timestamp));
    assert_eq!(verify("m", "1000", good.trim_start_matches("v1,"), b"x"), Err(SignatureError::NoSignature));
    assert_eq!(verify("m", "1000", "v1a,AAAA", b"x"), Err(SignatureError::NoSignature));
    assert_eq!(verify("m", "1000", "v1,", b"x"), Err(SignatureError::Mismatch));
    assert_eq!(verify("m", "1000", "v1,not base64", b"x"), Err(SignatureError::Mismatch));
    assert_eq!(verify("m", "1000", &good[..good.len() - 4], b"x"), Err(SignatureError::Mismatch));
}

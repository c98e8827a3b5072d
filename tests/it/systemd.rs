//! The service units: hardened, and as the documentation says.

use std::path::Path;
use std::process::Command;

/// What `systemd-analyze security` may say at most, in its own tenths.
const MOST_EXPOSED: &str = "15";

fn unit(name: &str) -> String {
    format!("{}/systemd/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_units_are_hardened() {
    if !Path::new("/usr/bin/systemd-analyze").exists() {
        eprintln!("SKIPPED: systemd-analyze is not installed; the units' hardening was not checked");
        return;
    }
    for name in ["bazgasht.service", "bazgasht@.service"] {
        let checked = Command::new("/usr/bin/systemd-analyze")
            .args(["security", "--offline=true", "--no-pager", "--threshold", MOST_EXPOSED, &unit(name)])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&checked.stdout);
        assert!(checked.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn the_two_units_differ_only_in_names() {
    let read = |name| std::fs::read_to_string(unit(name)).unwrap();
    let lines = |text: String| -> Vec<String> {
        text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).map(str::to_owned).collect()
    };
    let (one, many) = (lines(read("bazgasht.service")), lines(read("bazgasht@.service")));
    let named = |line: &str| line.replace("bazgasht/%i", "bazgasht").replace(" (%i)", "");
    assert_eq!(one, many.iter().map(|l| named(l)).collect::<Vec<_>>());
}

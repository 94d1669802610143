//! Every help text, as it is shown.

use super::support::Scratch;

#[test]
fn help_texts() {
    let scratch = Scratch::new();
    for command in [
        "",
        "replay",
        "run",
        "queue",
        "capacity",
        "study",
        "trace",
        "trace inspect",
        "trace generate",
        "trace convert",
        "validate",
        "list",
        "config",
    ] {
        let words: Vec<&str> = command.split_whitespace().collect();
        let help = scratch.fine(&[&words[..], &["--help"]].concat());
        // Every command shows at least one line that can be typed.
        assert!(
            help.contains("\n  kendall ") || command.is_empty() || command == "trace",
            "{help}"
        );
        let name = ["help", &words.join("_")].join("_");
        insta::assert_snapshot!(name.trim_end_matches('_'), help);
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = Scratch::new().fine(&["--version"]);
    assert_eq!(
        version,
        concat!("kendall ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

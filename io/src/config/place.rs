//! Where a scenario's settings stand.

use std::fs;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Setting;
use super::scenario::place_at;

/// Where the value of a key (a full name, such as `llm.kv.block_size`) was given: the last setting
/// that sets it, or else its place in the file. `None` if it was not given, or in a file that
/// cannot be read any more.
#[must_use]
pub fn place(file: Option<&Path>, settings: &[Setting], key: &str) -> Option<String> {
    if let Some(setting) = settings.iter().rfind(|setting| setting.sets(key)) {
        return Some(setting.place());
    }
    let path = file?;
    let text = fs::read_to_string(path).ok()?;
    let names: Vec<&str> = key.split('.').collect();
    let byte = find(&text, &names)?;
    Some(place_at(&path.display().to_string(), &text, byte))
}

/// Where the value at `path` was given, or else the section that it would be in.
pub(super) fn nearest_place(
    name: &str,
    text: &str,
    settings: &[Setting],
    path: &[String],
) -> String {
    for known in (1..=path.len()).rev() {
        let path = &path[..known];
        let as_a_whole = |setting: &&Setting| path.starts_with(setting.path());
        if let Some(setting) = settings.iter().rfind(as_a_whole) {
            return setting.place();
        }
        if let Some(byte) = find(text, path) {
            return place_at(name, text, byte);
        }
        let in_part = |setting: &&Setting| setting.path().starts_with(path);
        if let Some(setting) = settings.iter().rfind(in_part) {
            return setting.place();
        }
    }
    name.to_owned()
}

/// The first byte of the value at this path; elements of a list go by their numbers, from 0.
fn find(text: &str, path: &[impl AsRef<str>]) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let (first, path) = path.split_first()?;
    let mut value: &Spanned<DeValue<'_>> = root.get_ref().get(first.as_ref())?;
    for name in path.iter().map(AsRef::as_ref) {
        value = match value.get_ref() {
            DeValue::Table(inner) => inner.get(name)?,
            DeValue::Array(list) => list.get(name.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value.span().start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_lists_have_places() {
        let text = "[[a.b]]\nc = 1\n[[a.b]]\nc = [7, 8]\n";
        let find = |path: &[&str]| find(text, path).map(|at| place_at("x", text, at));
        assert_eq!(find(&["a", "b", "1", "c"]).as_deref(), Some("x:4:5"));
        assert_eq!(find(&["a", "b", "1", "c", "1"]).as_deref(), Some("x:4:9"));
        for path in [
            &["a", "b", "2"][..],
            &["a", "b", "c"],
            &["a", "b", "0", "c", "d"],
            &[],
        ] {
            assert_eq!(find(path), None, "{path:?}");
        }
    }

    #[test]
    fn settings_come_before_the_file() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("x.toml");
        fs::write(&path, "seed = 1\n[llm.kv]\nblock_size = 0\n").unwrap();
        let settings = ["llm.kv={block_size=0}".parse().unwrap()];
        let name = path.display();
        let found = |settings, key| place(Some(&path), settings, key);
        assert_eq!(found(&[], "seed"), Some(format!("{name}:1:8")));
        assert_eq!(
            found(&[], "llm.kv.block_size"),
            Some(format!("{name}:3:14"))
        );
        assert_eq!(
            found(&settings, "llm.kv.block_size").as_deref(),
            Some("--set llm.kv={block_size=0}")
        );
        assert_eq!(found(&settings, "llm.model"), None);
        assert_eq!(found(&settings, "seed.x"), None);
    }
}

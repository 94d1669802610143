//! Every key that a file takes.

use kendall_study::Scenario;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::nearest::nearest;
use super::scenario::insert;

/// Deeper sections than any file has.
const DEPTH_LIMIT: usize = 8;

/// What a whole file is read as.
pub(super) trait Root: DeserializeOwned {
    /// Sections whose keys are names of the user's own, each of them a section.
    const NAMED: &[&str];
}

impl Root for Scenario {
    const NAMED: &[&str] = &[];
}

/// Full name of the key that is called `name`, or nearly so, in whatever section it is.
pub(super) fn find<T: Root>(name: &str) -> Option<String> {
    let keys = all::<T>();
    let last = |key: &String| key.rsplit('.').next().unwrap_or_default().to_owned();
    let names: Vec<String> = keys.iter().map(last).collect();
    let found = nearest(name, names.iter().map(String::as_str))?;
    let index = names.iter().position(|name| name == found)?;
    keys.get(index).cloned()
}

/// Full names of all keys, sections included. A section tells its keys when it refuses one that
/// it cannot have, so that no list of them has to be kept.
pub(super) fn all<T: Root>() -> Vec<String> {
    const ANY_NAME: &str = "NAME";
    let mut keys = Vec::new();
    collect::<T>(&mut Vec::new(), &mut keys);
    for named in T::NAMED {
        let mut section = vec![(*named).to_owned(), ANY_NAME.to_owned()];
        collect::<T>(&mut section, &mut keys);
    }
    keys
}

fn collect<T: Root>(section: &mut Vec<String>, keys: &mut Vec<String>) {
    const NO_KEY: &str = "no key";
    if section.len() > DEPTH_LIMIT {
        return;
    }
    section.push(NO_KEY.to_owned());
    let mut table = Table::new();
    let inserted = insert(&mut table, section, Value::Integer(0));
    section.pop();
    let read: Result<T, toml::de::Error> = Value::Table(table).try_into();
    let (Ok(()), Err(refusal)) = (inserted, read) else {
        return;
    };
    let refusal = refusal.message();
    let mut names = refusal.split('`').skip(1).step_by(2);
    if !refusal.starts_with("unknown field") || names.next() != Some(NO_KEY) {
        return;
    }
    for name in names {
        section.push(name.to_owned());
        keys.push(section.join("."));
        collect::<T>(section, keys);
        section.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_depth_are_known() {
        let keys = all::<Scenario>();
        for key in [
            "seed",
            "llm",
            "llm.scheduler.max_num_active_seqs",
            "slo.ttft_s",
            "workload.generate.prefix.groups",
        ] {
            assert!(keys.iter().any(|known| known == key), "{key}: {keys:?}");
        }
        assert_eq!(
            find::<Scenario>("max_num_seq").as_deref(),
            Some("llm.scheduler.max_num_seqs")
        );
        assert_eq!(find::<Scenario>("cheese"), None);
    }
}

//! Every key that a scenario takes.

use kendall_study::Scenario;
use toml::{Table, Value};

use super::nearest::nearest;
use super::scenario::insert;

/// Deeper sections than any scenario has.
const DEPTH_LIMIT: usize = 8;

/// Full name of the key that is called `name`, or nearly so, in whatever section it is.
pub(super) fn find(name: &str) -> Option<String> {
    let keys = all();
    let last = |key: &String| key.rsplit('.').next().unwrap_or_default().to_owned();
    let names: Vec<String> = keys.iter().map(last).collect();
    let found = nearest(name, names.iter().map(String::as_str))?;
    let index = names.iter().position(|name| name == found)?;
    keys.get(index).cloned()
}

/// Full names of all keys, sections included. A section tells its keys when it refuses one that
/// it cannot have, so that no list of them has to be kept.
fn all() -> Vec<String> {
    let mut keys = Vec::new();
    collect(&mut Vec::new(), &mut keys);
    keys
}

fn collect(section: &mut Vec<String>, keys: &mut Vec<String>) {
    const NO_KEY: &str = "no key";
    if section.len() > DEPTH_LIMIT {
        return;
    }
    section.push(NO_KEY.to_owned());
    let mut table = Table::new();
    let inserted = insert(&mut table, section, Value::Integer(0));
    section.pop();
    let read: Result<Scenario, toml::de::Error> = Value::Table(table).try_into();
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
        collect(section, keys);
        section.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_depth_are_known() {
        let keys = all();
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
            find("max_num_seq").as_deref(),
            Some("llm.scheduler.max_num_seqs")
        );
        assert_eq!(find("cheese"), None);
    }
}

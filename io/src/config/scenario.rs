//! Reading scenarios, and settings laid over them.

use std::fs;
use std::path::Path;
use std::str::FromStr;

use kendall_study::Scenario;
use toml::{Table, Value};

use super::error::ConfigFileError;

/// `KEY=VALUE` from the command line; the value is TOML, or a string if it is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    path: Vec<String>,
    value: Value,
    text: String,
}

impl FromStr for Setting {
    type Err = ConfigFileError;

    fn from_str(text: &str) -> Result<Setting, ConfigFileError> {
        let error = || ConfigFileError::Setting {
            text: text.to_owned(),
        };
        let (key, value) = text.split_once('=').ok_or_else(error)?;
        let path: Vec<String> = key.trim().split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(error());
        }
        let value = value.trim();
        let parsed = toml::from_str::<Table>(&format!("value = {value}")).ok();
        let value = parsed
            .and_then(|mut table| table.remove("value"))
            .unwrap_or_else(|| Value::String(value.to_owned()));
        Ok(Setting {
            path,
            value,
            text: text.to_owned(),
        })
    }
}

/// Reads a scenario and lays settings over it, later ones over earlier ones. A trace that the
/// scenario names is looked for beside the scenario.
///
/// # Errors
/// A file that cannot be read, is not TOML, or has keys or values that a scenario does not take.
pub fn load(path: &Path, settings: &[Setting]) -> Result<Scenario, ConfigFileError> {
    let io = |source| ConfigFileError::Io {
        path: path.to_owned(),
        source,
    };
    let text = fs::read_to_string(path).map_err(io)?;
    let mut scenario = parse(&path.display().to_string(), &text, settings)?;
    let set_by_hand = settings
        .iter()
        .any(|setting| setting.path == ["workload", "trace"]);
    if let (Some(trace), Some(folder), false) =
        (&mut scenario.workload.trace, path.parent(), set_by_hand)
        && trace != "-"
    {
        *trace = folder.join(&*trace).display().to_string();
    }
    Ok(scenario)
}

/// The same from text; `name` stands for the file in errors.
///
/// # Errors
/// Text that is not TOML, or has keys or values that a scenario does not take.
pub fn parse(name: &str, text: &str, settings: &[Setting]) -> Result<Scenario, ConfigFileError> {
    let in_file = |error: toml::de::Error| {
        let place = match error.span() {
            Some(span) => {
                let before = &text[..span.start.min(text.len())];
                let line = before.matches('\n').count() + 1;
                let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
                format!("{name}:{line}:{column}")
            }
            None => name.to_owned(),
        };
        ConfigFileError::invalid(place, error.message())
    };
    let scenario: Scenario = toml::from_str(text).map_err(in_file)?;
    if settings.is_empty() {
        return Ok(scenario);
    }
    let mut table: Table = toml::from_str(text).map_err(in_file)?;
    let mut scenario = scenario;
    for setting in settings {
        let place = || format!("--set {}", setting.text);
        insert(&mut table, &setting.path, setting.value.clone()).map_err(|key| {
            ConfigFileError::invalid(place(), &format!("`{key}` is a value, not a section"))
        })?;
        scenario = Value::Table(table.clone())
            .try_into()
            .map_err(|error: toml::de::Error| ConfigFileError::invalid(place(), error.message()))?;
    }
    Ok(scenario)
}

/// Sets a value, making the sections on the way; the name of a value in the way is the error.
fn insert(table: &mut Table, path: &[String], value: Value) -> Result<(), String> {
    match path {
        [] => Ok(()),
        [key] => {
            table.insert(key.clone(), value);
            Ok(())
        }
        [section, rest @ ..] => {
            let entry = table
                .entry(section.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            match entry {
                Value::Table(inner) => insert(inner, rest, value),
                _ => Err(section.clone()),
            }
        }
    }
}

/// A scenario as TOML, every default written out.
#[must_use]
pub fn to_toml(scenario: &Scenario) -> String {
    toml::to_string(scenario).unwrap_or_else(|error| format!("# not representable: {error}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(texts: &[&str]) -> Vec<Setting> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn settings_are_laid_over_the_file_in_order() {
        let text = "[llm.scheduler]\nmax_num_seqs = 4\n";
        let over = [
            "llm.scheduler.max_num_seqs=8",
            "llm.router=least-loaded",
            "seed=3",
        ];
        let scenario = parse("x.toml", text, &settings(&over)).unwrap();
        assert_eq!(scenario.llm.scheduler.max_num_seqs, 8);
        assert_eq!(scenario.llm.router, kendall_llm::RouterKind::LeastLoaded);
        assert_eq!(scenario.seed, 3);
    }

    #[test]
    fn an_unknown_key_names_its_place_and_the_nearest() {
        let error = parse("x.toml", "[llm.scheduler]\nmax_num_seq = 4\n", &[]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("x.toml:2:1: unknown field `max_num_seq`"),
            "{error}"
        );
        assert_eq!(
            error.hint().as_deref(),
            Some("did you mean `max_num_seqs`?")
        );
        let error = parse("x.toml", "", &settings(&["llm.kv.blocksize=4"])).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("--set llm.kv.blocksize=4: unknown"),
            "{error}"
        );
        assert_eq!(error.hint().as_deref(), Some("did you mean `block_size`?"));
    }

    #[test]
    fn settings_need_a_key_and_a_value() {
        for text in ["llm.instances", "=3", "llm..instances=3"] {
            assert!(matches!(
                text.parse::<Setting>(),
                Err(ConfigFileError::Setting { .. })
            ));
        }
    }

    #[test]
    fn a_scenario_survives_being_written() {
        let scenario = Scenario::default();
        assert_eq!(
            parse("default", &to_toml(&scenario), &[]).unwrap(),
            scenario
        );
    }

    #[test]
    fn shipped_scenarios_resolve() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/scenarios");
        let mut seen = 0;
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                load(&path, &[])
                    .unwrap()
                    .resolve(&super::super::catalog())
                    .unwrap();
                seen += 1;
            }
        }
        assert!(seen >= 3);
    }
}

//! Why a scenario cannot be read.

use std::path::PathBuf;

use super::keys::{self, Root};
use super::nearest::nearest;

/// Why a scenario cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFileError {
    /// The file cannot be opened or is not text.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not TOML, or a value is not what its key takes.
    #[error("{place}: {message}")]
    Invalid {
        /// File, line and column, or the setting.
        place: String,
        /// What is wrong.
        message: String,
        /// A remedy, if there is an obvious one.
        hint: Option<String>,
    },
    /// A `--set` that is not `KEY=VALUE`.
    #[error("--set {text}: expected KEY=VALUE, for example llm.scheduler.max_num_seqs=256")]
    Setting {
        /// As given.
        text: String,
    },
}

impl ConfigFileError {
    /// A remedy.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        const KEYS: &str = "kendall config prints every key with its default";
        match self {
            ConfigFileError::Invalid { hint, .. } => {
                Some(hint.clone().unwrap_or_else(|| KEYS.to_owned()))
            }
            ConfigFileError::Io { .. } => Some(
                "a scenario is a TOML file; kendall config prints one to start from".to_owned(),
            ),
            ConfigFileError::Setting { .. } => Some(KEYS.to_owned()),
        }
    }

    /// From a message of the TOML reader; `unknown field` and `unknown variant` messages name the
    /// choices, from which the nearest becomes the hint. A key may also have been put into the
    /// wrong section.
    pub(super) fn invalid<T: Root>(place: String, message: &str) -> ConfigFileError {
        let message = message.trim().replace('\n', " ");
        let mut quoted = message.split('`').skip(1).step_by(2);
        let hint = if message.starts_with("unknown ") {
            let name = quoted.next().unwrap_or_default();
            let here = nearest(name, quoted).map(str::to_owned);
            let choice = here
                .or_else(|| keys::find::<T>(name).filter(|_| message.starts_with("unknown field")));
            choice.map(|choice| match choice == name {
                true => format!("`{choice}` stands at the top level, before all sections"),
                false => format!("did you mean `{choice}`?"),
            })
        } else {
            None
        };
        ConfigFileError::Invalid {
            hint,
            message: without_types(&message),
            place,
        }
    }
}

/// The same message with what is expected in words instead of types.
fn without_types(message: &str) -> String {
    let Some((found, expected)) = message.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    let expected = match expected {
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" => "a whole number of at least 0",
        "f64" => "a number",
        other if other.starts_with("struct ") => "a section with keys of its own",
        other => other,
    };
    format!("{found}, expected {expected}")
}

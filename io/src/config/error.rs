//! Why a scenario cannot be read.

use std::path::PathBuf;

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
    /// A remedy, if there is an obvious one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            ConfigFileError::Invalid { hint, .. } => hint.clone(),
            ConfigFileError::Io { .. } => None,
            ConfigFileError::Setting { .. } => {
                Some("kendall config prints every key with its default".to_owned())
            }
        }
    }

    /// From a message of the TOML reader; `unknown field` and `unknown variant` messages name the
    /// choices, from which the nearest becomes the hint.
    pub(super) fn invalid(place: String, message: &str) -> ConfigFileError {
        let message = message.trim().replace('\n', " ");
        let mut quoted = message.split('`').skip(1).step_by(2);
        let hint = if message.starts_with("unknown ") {
            let name = quoted.next().unwrap_or_default();
            nearest(name, quoted).map(|choice| format!("did you mean `{choice}`?"))
        } else {
            None
        };
        ConfigFileError::Invalid {
            place,
            message,
            hint,
        }
    }
}

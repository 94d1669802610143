//! How a file says where the beginning of a run ends.

use kendall_study::queueing::WarmUpRule;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::Value;

use super::forms::wrong;

/// A number of customers, or a rule that finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WarmUpForm {
    Customers(u64),
    Auto,
}

/// The name of the rule.
const AUTO: &str = "auto";

impl WarmUpForm {
    /// `None` for what a file leaves out.
    pub(super) fn of(rule: WarmUpRule) -> Option<WarmUpForm> {
        match rule {
            WarmUpRule::Load => None,
            WarmUpRule::Customers(count) => Some(WarmUpForm::Customers(count)),
            WarmUpRule::Mser5 => Some(WarmUpForm::Auto),
        }
    }

    pub(super) fn rule(self) -> WarmUpRule {
        match self {
            WarmUpForm::Customers(count) => WarmUpRule::Customers(count),
            WarmUpForm::Auto => WarmUpRule::Mser5,
        }
    }
}

impl<'de> Deserialize<'de> for WarmUpForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a number of customers or \"auto\"";
        match Value::deserialize(deserializer)? {
            Value::String(text) if text == AUTO => Ok(WarmUpForm::Auto),
            Value::Integer(count) => u64::try_from(count)
                .map(WarmUpForm::Customers)
                .map_err(|_| D::Error::custom(wrong(count, EXPECTED))),
            other => Err(D::Error::custom(wrong(other, EXPECTED))),
        }
    }
}

impl Serialize for WarmUpForm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            WarmUpForm::Customers(count) => serializer.serialize_u64(*count),
            WarmUpForm::Auto => serializer.serialize_str(AUTO),
        }
    }
}

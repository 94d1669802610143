//! What a mistyped name was probably meant to be.

/// The choice that `name` abbreviates, or else the one closest to it, if that is close enough to
/// be a slip of the keyboard. Of several the shortest, then the first in the alphabet.
#[must_use]
pub fn nearest<'a>(name: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Beginnings shorter than this say too little.
    const ABBREVIATION: usize = 3;
    let length = name.chars().count();
    let limit = (length / 3).max(2);
    let rank = |choice: &str| {
        if length >= ABBREVIATION && choice.starts_with(name) {
            return Some((0, choice.len()));
        }
        let distance = strsim::damerau_levenshtein(name, choice);
        // A name of which nothing is left has not been mistyped.
        (distance <= limit && distance < length).then_some((distance, choice.len()))
    };
    let ranked = choices
        .into_iter()
        .filter_map(|choice| Some((rank(choice)?, choice)));
    ranked.min().map(|(_, choice)| choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let choices = ["max_num_seqs", "max_model_len", "policy"];
        assert_eq!(nearest("max_num_seq", choices), Some("max_num_seqs"));
        assert_eq!(nearest("polcy", choices), Some("policy"));
        assert_eq!(nearest("router", choices), None);
        assert_eq!(nearest("x", ["kv"]), None);
    }

    #[test]
    fn a_beginning_counts_more_than_likeness() {
        assert_eq!(nearest("h100", ["h200", "h100-sxm"]), Some("h100-sxm"));
        let models = ["llama-3.1-8b-fp8", "llama-3.1-8b", "qwen3-32b"];
        assert_eq!(nearest("llama", models), Some("llama-3.1-8b"));
        assert_eq!(nearest("lin", ["roofline", "linear"]), Some("linear"));
    }
}

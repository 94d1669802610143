//! What a mistyped name was probably meant to be.

/// The choice closest to `name`, if one is close enough to be a slip of the keyboard.
#[must_use]
pub fn nearest<'a>(name: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(2);
    let distance = |choice: &str| strsim::damerau_levenshtein(name, choice);
    let close = choices.into_iter().map(|choice| (distance(choice), choice));
    close
        .filter(|&(distance, _)| distance <= limit)
        .min()
        .map(|(_, choice)| choice)
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
    }
}

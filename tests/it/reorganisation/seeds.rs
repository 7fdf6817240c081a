//! Which random histories are run: all of them by hand, a few always.

use std::ops::Range;

/// The seeds of BANYAN_REORGANISATION_SEEDS, such as 5..9, or these.
pub fn seeds(usual: Range<u64>) -> Range<u64> {
    match std::env::var("BANYAN_REORGANISATION_SEEDS") {
        Ok(text) => {
            let (from, to) = text.split_once("..").expect("BANYAN_REORGANISATION_SEEDS is such as 5..9");
            from.parse().unwrap()..to.parse().unwrap()
        }
        Err(_) => usual,
    }
}

//! Names under which operations are counted: a set that is closed before anybody asks for anything.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt::{Error, Write};
use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

/// A name that may be a label: only [`Names`] gives one out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(Arc<str>);

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl EncodeLabelValue for Name {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), Error> {
        encoder.write_str(&self.0)
    }
}

/// A closed set of names.
#[derive(Clone, Debug)]
pub struct Names {
    known: HashSet<Name>,
    other: Name,
}

impl Names {
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Names {
        Names { known: names.into_iter().map(|name| Name(name.into())).collect(), other: Name("other".into()) }
    }

    pub fn get(&self, name: &str) -> Option<Name> {
        self.known.get(name).cloned()
    }

    /// What everything else is counted under.
    pub fn other(&self) -> Name {
        self.other.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_given_out_that_was_not_known() {
        let names = Names::of(["unit", "units"]);
        assert_eq!(names.get("unit").as_ref().map(Name::as_str), Some("unit"));
        assert_eq!(names.get("unit\"} 1"), None);
        assert_eq!(names.other().as_str(), "other");
    }
}

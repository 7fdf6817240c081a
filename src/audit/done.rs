//! What a command says about itself for the audit log: before it runs, what it is about; after it, what it changed.

use std::fmt::Display;

use entity::enums::AuditObject;

/// Longer values are cut.
const VALUE_MAX: usize = 500;

/// What a caller asks something to be done to, read from the input alone. It says whose business a refusal is.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// A unit, or something in it that has no id yet: the unit's code as the caller wrote it.
    Unit(&'a str),
    /// An object by its id, be there such an object or not.
    Object(AuditObject, i64),
    /// The federation as a whole: the root's business.
    Federation,
    /// Several commands, each of which is recorded on its own: this one is not.
    Parts,
}

/// What a command did: the object, whose business it is, and which of its values were changed from what to what.
///
/// Values that are public knowledge among the unit's officers go by [`Done::field`]. Texts that people write, and everything of
/// a draft, go by [`Done::hidden`]: the log shows a salted hash. What is about a person (name, e-mail, phone, subject) goes by
/// [`Done::personal`]: hashed with a salt that erasing the person destroys. Secrets go nowhere. What did not change is left
/// out.
#[derive(Clone, Debug)]
#[must_use]
pub struct Done {
    /// The changed object's id: what the mutation answers.
    pub id: i64,
    pub(super) object: AuditObject,
    pub(super) unit: Option<i64>,
    pub(super) fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: &'static str,
    pub before: Option<String>,
    pub after: Option<String>,
    pub shown: Shown,
}

/// How the values of a field stand in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Plain,
    /// Hashed with the entry's own salt.
    Hidden,
    /// Hashed with the account's salt.
    Personal(i64),
}

impl Done {
    /// Something was done to the object, which is the unit's business: the root's for `None`. What has no id has 0.
    pub fn of(object: AuditObject, id: i64, unit: impl Into<Option<i64>>) -> Done {
        Done { id, object, unit: unit.into(), fields: Vec::new() }
    }

    /// A value that the log shows. A new object has no values before.
    pub fn field<T: Display>(self, name: &'static str, before: Option<T>, after: Option<T>) -> Done {
        self.with(name, before, after, Shown::Plain)
    }

    /// A value that says which object it is: it stands there though it has not changed.
    pub fn always<T: Display>(mut self, name: &'static str, before: Option<T>, after: Option<T>) -> Done {
        let text = |value: Option<T>| value.map(|value| value.to_string());
        let (before, after) = (text(before), text(after));
        if before.is_some() || after.is_some() {
            self.fields.push(Field { name, before, after, shown: Shown::Plain });
        }
        self
    }

    /// A value that the log shows as a hash.
    pub fn hidden<T: Display>(self, name: &'static str, before: Option<T>, after: Option<T>) -> Done {
        self.with(name, before, after, Shown::Hidden)
    }

    /// A value about a person, which the log shows as a hash until the account is erased, and which says nothing after that.
    pub fn personal<T: Display>(self, account: i64, name: &'static str, before: Option<T>, after: Option<T>) -> Done {
        self.with(name, before, after, Shown::Personal(account))
    }

    fn with<T: Display>(mut self, name: &'static str, before: Option<T>, after: Option<T>, shown: Shown) -> Done {
        let text = |value: Option<T>| value.map(|value| value.to_string());
        let (before, after) = (text(before), text(after));
        if before != after {
            self.fields.push(Field { name, before, after, shown });
        }
        self
    }
}

/// A value as the log shows it whole.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(VALUE_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

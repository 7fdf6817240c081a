//! What the parts of a breakdown are called, for people.

use entity::enums::{InitiativeState, UnitKind};
use sea_orm::ActiveEnum;

use super::dimension::Dimension;
use crate::text::{Language, Message, message};
use crate::unit;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// A Vietnamese name, and the English one where there is one.
    Name(String, Option<String>),
    Said(Message),
}

impl Label {
    /// A name that is the same in every language.
    pub fn name(name: &str) -> Label {
        Label::Name(name.to_owned(), None)
    }

    /// Of the records that have no value.
    pub fn none() -> Label {
        Label::Said(message!("not known"))
    }

    /// Of the unit's own records, beside those of its direct units.
    pub fn own() -> Label {
        Label::Said(message!("the unit itself"))
    }

    /// Of a value that is found in the records.
    pub fn found(dimension: Dimension, value: &str) -> Label {
        match dimension {
            Dimension::Kind => {
                UnitKind::try_from_value(&value.to_owned()).map_or_else(|_| Label::name(value), Label::kind)
            }
            Dimension::Level => Label::Said(message!("level {level}", level = value)),
            _ => Label::name(value),
        }
    }

    fn kind(kind: UnitKind) -> Label {
        let english = kind.to_value().to_lowercase().replace('_', " ");
        Label::Name(unit::rule(kind).name.clone(), Some(english))
    }

    pub fn state(state: InitiativeState) -> Label {
        Label::Said(match state {
            InitiativeState::Draft => message!("draft"),
            InitiativeState::Submitted => message!("waiting for a decision"),
            InitiativeState::Returned => message!("given back to its authors"),
            InitiativeState::Approved => message!("approved"),
            InitiativeState::Rejected => message!("rejected"),
            InitiativeState::Withdrawn => message!("withdrawn"),
            InitiativeState::Revoked => message!("approval revoked"),
        })
    }

    pub fn text(&self, language: Language) -> String {
        match (self, language) {
            (Label::Name(_, Some(english)), Language::English) => english.clone(),
            (Label::Name(name, _), _) => name.clone(),
            (Label::Said(message), language) => message.text(language),
        }
    }
}

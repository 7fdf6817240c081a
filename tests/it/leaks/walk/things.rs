//! What a walk can stand at, and what a rule can say of a field.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::super::model::{Nth, Viewer, World};
use super::data::{Data, gid};

/// An object of the schema. Those with a number are rows; the others are told by what they hang on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Thing {
    Query,
    Subscription,
    Viewer,
    Unit(i64),
    Account(i64),
    Grant(i64),
    Token(i64),
    Session(i64),
    Programme(i64),
    Initiative(i64),
    /// Initiative and number.
    Event(i64, i32),
    /// Initiative and position.
    Author(i64, usize),
    Target(i64),
    Cluster(i64),
    Line(i64),
    /// Unit, programme and slice.
    Rollup(i64, i64, String),
    /// Of a roll-up, by dimensions: the values that it stands for.
    Part(Box<Thing>, Vec<String>, Vec<String>),
    /// A unit in a cluster, which is told by everything that makes the order.
    Ranking(i64, String),
    /// Something that is the same for everybody whom it shows to, below a field of another: type, place.
    Under(&'static str, String),
    /// An object that is no more than its values.
    Plain(&'static str, String),
}

impl Thing {
    /// Name of its type.
    pub fn ty(&self) -> &'static str {
        match self {
            Thing::Query => "Query",
            Thing::Subscription => "Subscription",
            Thing::Viewer => "Viewer",
            Thing::Unit(_) => "Unit",
            Thing::Account(_) => "Account",
            Thing::Grant(_) => "Grant",
            Thing::Token(_) => "ApiToken",
            Thing::Session(_) => "Session",
            Thing::Programme(_) => "Programme",
            Thing::Initiative(_) => "Initiative",
            Thing::Event(..) => "InitiativeEvent",
            Thing::Author(..) => "Author",
            Thing::Target(_) => "Target",
            Thing::Cluster(_) => "Cluster",
            Thing::Line(_) => "AuditEntry",
            Thing::Rollup(..) => "Rollup",
            Thing::Part(..) => "RollupPart",
            Thing::Ranking(..) => "Ranking",
            Thing::Under(ty, _) | Thing::Plain(ty, _) => ty,
        }
    }

    /// Its id, where it has one.
    pub fn id(&self) -> Option<String> {
        let parts = |tag: char, rest: &[&[u8]]| {
            let mut bytes = vec![tag as u8];
            rest.iter().for_each(|part| bytes.extend_from_slice(part));
            BASE64_URL_SAFE_NO_PAD.encode(bytes)
        };
        Some(match self {
            Thing::Unit(id) => gid('u', *id),
            Thing::Account(id) => gid('a', *id),
            Thing::Grant(id) => gid('g', *id),
            Thing::Token(id) => gid('k', *id),
            Thing::Session(id) => gid('s', *id),
            Thing::Programme(id) => gid('p', *id),
            Thing::Initiative(id) => gid('i', *id),
            Thing::Target(id) => gid('t', *id),
            Thing::Cluster(id) => gid('c', *id),
            Thing::Line(id) => gid('l', *id),
            Thing::Event(id, seq) => parts('e', &[&id.to_be_bytes(), &seq.to_be_bytes()]),
            Thing::Rollup(unit, programme, slice) => {
                parts('r', &[&unit.to_be_bytes(), &programme.to_be_bytes(), slice.as_bytes()])
            }
            _ => return None,
        })
    }

    /// What tells it from others in one list: its id, a ranking's unit, a part's values.
    pub fn tells(&self) -> String {
        match self {
            Thing::Ranking(unit, _) => gid('u', *unit),
            Thing::Part(_, _, values) => values.join("|"),
            other => other.id().unwrap_or_else(|| panic!("{other:?} stands in no list")),
        }
    }
}

/// A field of a thing, and who asks for it.
pub struct Ask<'a> {
    pub data: &'a Data,
    pub viewer: Viewer,
    pub thing: &'a Thing,
    pub arguments: &'a Map<String, Value>,
}

impl<'a> Ask<'a> {
    pub fn world(&self) -> &'a World {
        &self.data.world
    }

    pub fn text(&self, argument: &str) -> Option<&'a str> {
        self.arguments.get(argument).and_then(Value::as_str)
    }

    /// The texts of an argument that is a list.
    pub fn texts(&self, argument: &str) -> Option<Vec<&'a str>> {
        texts(self.arguments.get(argument)?)
    }

    /// The texts of a member of the slice.
    pub fn sliced(&self, member: &str) -> Option<Vec<&'a str>> {
        texts(self.arguments.get("slice")?.get(member)?)
    }

    /// Account id of who asks.
    pub fn me(&self) -> Option<i64> {
        self.viewer.person.map(|person| super::data::raw(&self.world().people[person].id))
    }

    pub fn opens_person(&self, account: i64) -> bool {
        self.world().opens(self.viewer, self.data.person(account))
    }

    pub fn exists(&self, unit: i64) -> bool {
        self.world().exists(self.viewer, self.data.unit(unit))
    }

    /// The programme with the code of an argument, where the viewer sees it.
    pub fn programme(&self) -> Option<(i64, Nth)> {
        let found = self.data.programme_of_code(self.text("programme")?)?;
        self.world().sees_programme(self.viewer, found.1).then_some(found)
    }
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array().map(|list| list.iter().filter_map(Value::as_str).collect())
}

/// What the field must answer.
pub enum Answer {
    /// This value.
    Is(Value),
    /// This instant, milliseconds since the epoch.
    At(Option<i64>),
    /// An instant, or null: it tells nothing about anything hidden.
    Moment,
    /// What everybody else is told whom it shows to.
    Known,
    /// The same of whether an object is there.
    KnownObject(Thing),
    One(Option<Thing>),
    /// In this order, with null for what does not show.
    Slots(Vec<Option<Thing>>),
    /// In any order.
    Many(Vec<Thing>),
    /// A page of these; they are told in some order.
    Page(Vec<Thing>),
    /// Objects of a type of values, as many as everybody else is told.
    KnownList(&'static str),
    /// A page of these, out of so many: the others are counted and hidden.
    Behind(Vec<Thing>, usize),
    /// The parts of a breakdown, all of them or none.
    Parts(bool),
    /// A top-level error with this code.
    Failed(&'static str),
}

pub type Rule = fn(&Ask) -> Answer;

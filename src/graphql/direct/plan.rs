//! What a compiled query selects: its keys in the order of the answer, with everything that depends on arguments and variables.

use std::sync::Arc;

use entity::enums::TargetKind;

use crate::page::PageArgs;
use crate::programme::Slice;
use crate::rollup::{Dimension, Lens, Measure};
use crate::store::Expected;
use crate::unit::UnitFilter;

/// Fields by their keys, in the order of the answer.
pub type Keyed<T> = Vec<(String, T)>;

pub struct Plan {
    pub fields: Keyed<Root>,
    /// The units by code that root fields ask for.
    pub units: Vec<(String, Units)>,
    /// Whether one statement did not tell it when that was tried.
    pub takes_more: Expected,
}

impl Plan {
    /// The latest instant that is asked for.
    pub fn latest(&self) -> Option<i64> {
        self.units.iter().filter_map(|(_, units)| units.latest()).max()
    }
}

impl Units {
    fn latest(&self) -> Option<i64> {
        let own = self.rollups.iter().filter_map(|rollup| rollup.as_of);
        let below = self.lists.iter().flat_map(|list| &list.nodes).filter_map(Units::latest);
        own.chain(below).max()
    }
}

/// A field of the root of reading.
pub enum Root {
    Typename,
    /// One of [`Plan::units`].
    Unit(usize),
}

/// What is selected of some units.
#[derive(Default)]
pub struct Units {
    pub fields: Keyed<UnitField>,
    pub lists: Vec<List>,
    pub rollups: Vec<Arc<Rollup>>,
}

pub enum UnitField {
    Typename,
    Id,
    Code,
    Name,
    NameEn,
    Kind,
    Bloc,
    Sector,
    EstablishedOn,
    DissolvedOn,
    /// One of [`Units::lists`].
    List(usize),
    /// One of [`Units::rollups`].
    Rollup(usize),
}

/// A page of a unit's direct units.
pub struct List {
    pub filter: UnitFilter,
    pub page: PageArgs,
    pub counted: bool,
    /// Cursors are selected.
    pub placed: bool,
    pub fields: Keyed<ListField>,
    /// What is selected of its units: by `nodes` and by `edges`, under each key.
    pub nodes: Vec<Units>,
}

pub enum ListField {
    Typename,
    /// One of [`List::nodes`].
    Nodes(usize),
    Edges(Keyed<EdgeField>),
    PageInfo(Keyed<PageField>),
    TotalCount,
}

pub enum EdgeField {
    Typename,
    Cursor,
    /// One of [`List::nodes`].
    Node(usize),
}

pub enum PageField {
    Typename,
    HasNext,
    HasPrevious,
    Start,
    End,
}

/// The roll-up of a unit, of the present or of an instant.
#[derive(Default)]
pub struct Rollup {
    pub programme: String,
    pub slice: Slice,
    pub as_of: Option<i64>,
    pub lens: Lens,
    pub fields: Keyed<RollupField>,
    pub breakdowns: Vec<Breakdown>,
    pub overs: Vec<(Measure, Option<TargetKind>)>,
    pub needs: Needs,
}

/// What has to be read of a roll-up.
#[derive(Clone, Copy, Default)]
pub struct Needs {
    pub additive: bool,
    pub participants: bool,
    pub targets: bool,
    pub registered_below: bool,
}

pub enum RollupField {
    Typename,
    Id,
    Structure,
    Number(Number),
    Target(TargetKind),
    RegisteredBelow,
    Completion(Measure, Option<TargetKind>, Keyed<CompletionField>),
    /// One of [`Rollup::overs`].
    UnitsOver(usize, Keyed<OverField>),
    /// One of [`Rollup::breakdowns`].
    Breakdown(usize),
}

/// A number that roll-ups and their parts have.
#[derive(Clone, Copy)]
pub enum Number {
    Count(Measure),
    Claimed,
    Verified,
    NotComputable,
    Participants,
}

pub enum CompletionField {
    Typename,
    Numerator,
    Target,
    Kind,
    Ratio,
}

pub enum OverField {
    Typename,
    Over,
    WithTarget,
    Total,
}

pub struct Breakdown {
    pub by: Vec<Dimension>,
    pub persons: bool,
    pub fields: Keyed<PartField>,
}

pub enum PartField {
    Typename,
    Keys(Keyed<KeyField>),
    Number(Number),
}

pub enum KeyField {
    Typename,
    Dimension,
    Value,
    Label,
}

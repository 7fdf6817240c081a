//! What can be loaded in batches: one type for each question to a noun.

use std::collections::HashMap;
use std::sync::Arc;

use entity::enums::{Action, TargetKind};
use entity::{cluster, initiative, initiative_event, target};

use super::batch::{Batch, by_question};
use crate::access::Viewer;
use crate::account::{self, SeenAccount, SeenGrant};
use crate::audit::{AuditFilter, SeenLine};
use crate::error::Result;
use crate::initiative::{Authorship, InitiativeFilter};
use crate::page::{Page, PageArgs};
use crate::programme::{self, Days, Definition};
use crate::reorganisation::{self, Era};
use crate::rollup::{
    self, Activity, Among, Cluster, Contest, Dimension, Explained, Measure, Measures, Part, Period, Ranked, Roster,
    UnitsOverTarget, View,
};
use crate::store::Tx;
use crate::unit::cluster::Which;
use crate::unit::{self, SeenUnit, UnitFilter};

/// Declares batches: a name, key and value types, and how to load.
macro_rules! batches {
    ($($(#[$doc:meta])* $name:ident: $key:ty => $value:ty, |$tx:ident, $viewer:ident, $keys:ident| $load:expr;)+) => {$(
        $(#[$doc])*
        pub struct $name;

        impl Batch for $name {
            type Key = $key;
            type Value = $value;

            async fn load($tx: &Tx, $viewer: Viewer, $keys: Vec<Self::Key>) -> Result<HashMap<Self::Key, Self::Value>> {
                $load
            }
        }
    )+};
}

/// Loads each question for its owners and puts question and owner together again.
macro_rules! each_question {
    ($keys:ident, |$question:ident, $owners:ident| $load:expr) => {{
        let mut found = HashMap::with_capacity($keys.len());
        for ($question, $owners) in by_question($keys) {
            let loaded = $load;
            found.extend(loaded.into_iter().map(|(owner, value)| (($question.clone(), owner), value)));
        }
        Ok(found)
    }};
}

/// A programme, and what of it is asked for.
pub type Asked = (i64, View);

batches! {
    /// Units by id.
    UnitById: i64 => Arc<SeenUnit>, |tx, viewer, keys| unit::seen(tx, viewer, &keys).await;
    /// Units of records that may be read: at least their faces.
    UnitBesideRecord: i64 => Arc<SeenUnit>, |tx, viewer, keys| unit::seen_beside_record(tx, viewer, &keys).await;
    /// Units by code.
    UnitByCode: String => Arc<SeenUnit>, |tx, viewer, keys| unit::seen_by_code(tx, viewer, &keys).await;
    /// Ancestors, root first.
    Ancestors: i64 => Vec<Arc<SeenUnit>>, |tx, viewer, keys| unit::ancestors(tx, viewer, &keys).await;
    /// Ancestors at an instant, root first.
    AncestorsAt: (i64, i64) => Vec<Arc<SeenUnit>>, |tx, viewer, keys|
        each_question!(keys, |at, units| unit::ancestors_at(tx, viewer, at, &units).await?);
    /// The parent at an instant.
    ParentAt: (i64, i64) => i64, |tx, _viewer, keys|
        each_question!(keys, |at, units| unit::parents_at(tx, at, &units).await?);
    /// Whether every direct unit of a unit is in scope; nothing where not.
    ChildrenInScope: i64 => (), |tx, viewer, keys| {
        let units = unit::with_all_children_in_scope(tx, viewer, &keys).await?;
        Ok(units.into_iter().map(|unit| (unit, ())).collect())
    };
    /// Pages of units.
    UnitPages: ((UnitFilter, PageArgs), i64) => Page<Arc<SeenUnit>>, |tx, viewer, keys|
        each_question!(keys, |question, owners| unit::pages(tx, viewer, &question.0, &owners, &question.1).await?);
    /// Lengths of lists of units.
    UnitCounts: (UnitFilter, i64) => i64, |tx, viewer, keys|
        each_question!(keys, |filter, owners| unit::counts(tx, viewer, &filter, &owners).await?);
    /// The units that a unit followed, by code.
    Predecessors: i64 => Vec<i64>, |tx, _viewer, keys| reorganisation::predecessors(tx, &keys).await;
    /// The units that followed a unit, by code.
    Successors: i64 => Vec<i64>, |tx, _viewer, keys| reorganisation::successors(tx, &keys).await;
    /// What a unit was when.
    Histories: i64 => Vec<Era>, |tx, _viewer, keys| reorganisation::histories(tx, &keys).await;
    /// Reorganisations by id.
    ReorganisationById: i64 => Arc<entity::reorganisation::Model>, |tx, viewer, keys|
        reorganisation::by_id(tx, viewer, &keys).await;
    /// Reorganisations by code.
    ReorganisationByCode: String => Arc<entity::reorganisation::Model>, |tx, viewer, keys|
        reorganisation::by_code(tx, viewer, &keys).await;
    /// Pages of reorganisations drawn up at or below a unit; 0: of all.
    ReorganisationPages: (PageArgs, i64) => Page<Arc<entity::reorganisation::Model>>, |tx, viewer, keys|
        each_question!(keys, |args, units| reorganisation::page(tx, viewer, &units, &args).await?);
    /// How many there are.
    ReorganisationCounts: i64 => i64, |tx, viewer, keys| reorganisation::counts_within(tx, viewer, &keys).await;
    /// Steps of a reorganisation that shows.
    ReorganisationSteps: i64 => Vec<entity::reorganisation_step::Model>, |tx, _viewer, keys|
        reorganisation::steps(tx, &keys).await;
    /// Clusters by id.
    ClusterById: i64 => Arc<cluster::Model>, |tx, viewer, keys| unit::cluster::by_id(tx, viewer, &keys).await;
    /// Pages of clusters of a unit.
    ClusterPages: ((Which, PageArgs), i64) => Page<Arc<cluster::Model>>, |tx, viewer, keys|
        each_question!(keys, |q, units| unit::cluster::pages(tx, viewer, q.0, &units, &q.1).await?);
    /// How many clusters of a unit there are.
    ClusterCounts: (Which, i64) => i64, |tx, viewer, keys|
        each_question!(keys, |which, units| unit::cluster::counts(tx, viewer, which, &units).await?);
    /// Members of a cluster that show, by code, now or at an instant.
    ClusterMembers: (Option<i64>, i64) => Vec<Arc<SeenUnit>>, |tx, viewer, keys|
        each_question!(keys, |as_of, clusters| unit::cluster::members(tx, viewer, as_of, &clusters).await?);
    /// Every member of the cluster with a code, now or at an instant. Shown to nobody unless the aggregates of all of them show.
    ClusterRoster: (Option<i64>, String) => Arc<Vec<i64>>, |tx, _viewer, keys|
        each_question!(keys, |as_of, codes| unit::cluster::rosters(tx, as_of, &codes).await?);
    /// What the viewer may do at a unit; the key holds its parent.
    UnitActions: UnitKey => Vec<Action>, |tx, viewer, keys| {
        let units: Vec<&SeenUnit> = keys.iter().map(|key| key.0.as_ref()).collect();
        let mut actions = unit::actions(tx, viewer, &units).await?;
        let of = |key: UnitKey| { let id = key.0.row.id; actions.remove(&id).map(|actions| (key, actions)) };
        Ok(keys.into_iter().filter_map(of).collect())
    };
    /// Programmes by id.
    ProgrammeById: i64 => Arc<Definition>, |tx, viewer, keys| programme::by_id(tx, viewer, &keys).await;
    /// Programmes by code.
    ProgrammeByCode: String => Arc<Definition>, |tx, viewer, keys| programme::by_code(tx, viewer, &keys).await;
    /// Targets by id.
    TargetById: i64 => target::Model, |tx, viewer, keys| programme::target::seen(tx, viewer, &keys).await;
    /// A programme's targets of a unit.
    TargetsOfUnit: (i64, i64) => Vec<target::Model>, |tx, _viewer, keys|
        each_question!(keys, |programme, units| programme::target::of_units(tx, programme, &units).await?);
    /// Accounts whose names show beside a record.
    NamedAccount: i64 => Arc<SeenAccount>, |tx, viewer, keys| account::named(tx, viewer, &keys).await;
    /// Accounts that may be opened by themselves.
    OpenAccount: i64 => Arc<SeenAccount>, |tx, viewer, keys| account::with_contact(tx, viewer, &keys).await;
    /// Holders of grants on units that the viewer is an admin over, and himself.
    GrantHolder: i64 => Arc<SeenAccount>, |tx, viewer, keys| account::officers(tx, viewer, &keys).await;
    /// API tokens of one's own by id.
    ApiTokenById: i64 => entity::token::Model, |tx, viewer, keys| account::api_token::by_id(tx, viewer, &keys).await;
    /// Grants by id.
    GrantById: i64 => SeenGrant, |tx, viewer, keys| account::grants_by_id(tx, viewer, &keys).await;
    /// Pages of grants on a unit.
    OfficerPages: (PageArgs, i64) => Page<SeenGrant>, |tx, viewer, keys|
        each_question!(keys, |args, units| account::officer_pages(tx, viewer, &units, &args).await?);
    /// How many grants on a unit show.
    OfficerCounts: i64 => i64, |tx, viewer, keys| account::officer_counts(tx, viewer, &keys).await;
    /// Actors of the audit log whose names show.
    AuditActor: i64 => Arc<SeenAccount>, |tx, viewer, keys| account::actors(tx, viewer, &keys).await;
    /// Whether the viewer reads a unit's audit log; nothing where not.
    AuditReadable: i64 => (), |tx, viewer, keys| {
        let units = crate::audit::readable(tx, viewer, &keys).await?;
        Ok(units.into_iter().map(|unit| (unit, ())).collect())
    };
    /// Lines of the audit log by id.
    AuditById: i64 => Arc<SeenLine>, |tx, viewer, keys| crate::audit::by_id(tx, viewer, &keys).await;
    /// Pages of a unit's audit log.
    AuditPages: ((AuditFilter, PageArgs), i64) => Page<Arc<SeenLine>>, |tx, viewer, keys|
        each_question!(keys, |question, units|
            crate::audit::pages(tx, viewer, &question.0, &units, &question.1).await?);
    /// How many lines a unit's audit log has.
    AuditCounts: (AuditFilter, i64) => i64, |tx, viewer, keys|
        each_question!(keys, |filter, units| crate::audit::counts(tx, viewer, &filter, &units).await?);
    /// Initiatives by id.
    InitiativeById: i64 => Arc<initiative::Model>, |tx, viewer, keys| crate::initiative::seen(tx, viewer, &keys).await;
    /// Initiatives by code.
    InitiativeByCode: String => Arc<initiative::Model>, |tx, viewer, keys|
        crate::initiative::seen_by_code(tx, viewer, &keys).await;
    /// Pages of initiatives.
    InitiativePages: ((InitiativeFilter, PageArgs), i64) => Page<Arc<initiative::Model>>, |tx, viewer, keys|
        each_question!(keys, |question, owners|
            crate::initiative::pages(tx, viewer, &question.0, &owners, &question.1).await?);
    /// Lengths of lists of initiatives.
    InitiativeCounts: (InitiativeFilter, i64) => i64, |tx, viewer, keys|
        each_question!(keys, |filter, owners| crate::initiative::counts(tx, viewer, &filter, &owners).await?);
    /// Authors of an initiative, the first one first.
    AuthorsOf: i64 => Vec<Authorship>, |tx, _viewer, keys| crate::initiative::authors(tx, &keys).await;
    /// What the viewer may do with an initiative.
    InitiativeActions: InitiativeKey => Vec<Action>, |tx, viewer, keys| {
        let rows: Vec<Arc<initiative::Model>> = keys.iter().map(|key| key.0.clone()).collect();
        let mut actions = crate::initiative::actions(tx, viewer, &rows).await?;
        let of = |key: InitiativeKey| { let id = key.0.id; actions.remove(&id).map(|actions| (key, actions)) };
        Ok(keys.into_iter().filter_map(of).collect())
    };
    /// Pages of an initiative's events.
    EventPages: (PageArgs, i64) => Page<initiative_event::Model>, |tx, _viewer, keys|
        each_question!(keys, |args, owners| crate::initiative::event_pages(tx, &owners, &args).await?);
    /// How many events an initiative has.
    EventCounts: i64 => i64, |tx, _viewer, keys| crate::initiative::event_counts(tx, &keys).await;
    /// Events by initiative and number.
    EventById: (i64, i32) => initiative_event::Model, |tx, _viewer, keys|
        crate::initiative::events_by_id(tx, &keys).await;
    /// The measures of a unit in a slice.
    MeasuresOf: (Asked, i64) => Measures, |tx, _viewer, keys|
        each_question!(keys, |slice, units| rollup::of(tx, slice.0, &slice.1, &units).await?);
    /// The same without distinct persons, where they are not stored.
    AdditiveOf: (Asked, i64) => Measures, |tx, _viewer, keys|
        each_question!(keys, |slice, units| rollup::additive(tx, slice.0, &slice.1, &units).await?);
    /// The distinct persons alone.
    ParticipantsOf: (Asked, i64) => i64, |tx, _viewer, keys|
        each_question!(keys, |slice, units| rollup::participants(tx, slice.0, &slice.1, &units).await?);
    /// The targets of a unit for a slice's cell.
    TargetValues: (Asked, i64) => rollup::TargetValues, |tx, _viewer, keys|
        each_question!(keys, |slice, units| rollup::target_values(tx, slice.0, &slice.1, &units).await?);
    /// Sums of the direct units' registered targets.
    RegisteredBelow: (Asked, i64) => i64, |tx, _viewer, keys|
        each_question!(keys, |slice, units| rollup::registered_below(tx, slice.0, &slice.1, &units).await?);
    /// How many direct units are over their targets.
    UnitsOver: ((Asked, Measure, Option<TargetKind>), i64) => UnitsOverTarget, |tx, _viewer, keys|
        each_question!(keys, |q, units| rollup::units_over(tx, q.0.0, &q.0.1, &units, q.1, q.2).await?);
    /// The parts of a roll-up, with distinct persons or without. The programme is loaded by whoever asks.
    Parts: ((ProgrammeKey, View, Vec<Dimension>, bool), i64) => Vec<Part>, |tx, _viewer, keys|
        each_question!(keys, |q, units| rollup::breakdown(tx, &q.0.0, &q.1, &units, &q.2, q.3).await?);
    /// When a unit's target was reached.
    TargetReached: ((Asked, Measure, Option<TargetKind>), i64) => i64, |tx, _viewer, keys|
        each_question!(keys, |q, units| rollup::target_reached(tx, q.0.0, &q.0.1, &units, q.1, q.2).await?);
    /// How many approved initiatives have more verified benefit.
    BenefitOver: ((Asked, i64), i64) => i64, |tx, _viewer, keys|
        each_question!(keys, |q, units| rollup::benefit_over(tx, q.0.0, &q.0.1, &units, q.1).await?);
    /// What happened when.
    ActivityOf: ((Asked, Period, Option<Days>), i64) => Vec<(String, Activity)>, |tx, _viewer, keys|
        each_question!(keys, |q, units| rollup::activity(tx, q.0.0, &q.0.1, &units, q.1, q.2).await?);
    /// Pages of the initiatives behind a number.
    ExplainedPages: ((Asked, Measure, PageArgs), i64) => Page<Explained>, |tx, viewer, keys|
        each_question!(keys, |q, units| rollup::explained(tx, viewer, q.0.0, &q.0.1, &units, q.1, &q.2).await?);
    /// How many they are, and how many of them may be read.
    ExplainedCounts: ((Asked, Measure), i64) => (i64, i64), |tx, viewer, keys|
        each_question!(keys, |q, units| rollup::explained_counts(tx, viewer, q.0.0, &q.0.1, &units, q.1).await?);
    /// A unit's place among its siblings.
    RankingOf: ((i64, Contest), i64) => Ranked, |tx, _viewer, keys|
        each_question!(keys, |q, units| rollup::rankings(tx, q.0, &q.1, &units).await?);
    /// The ranking of units that are named one by one.
    Boards: (i64, Among) => Arc<Vec<Ranked>>, |tx, _viewer, keys| {
        let mut found = HashMap::new();
        for key in keys {
            found.insert(key.clone(), Arc::new(rollup::board(tx, key.0, &key.1).await?));
        }
        Ok(found)
    };
    /// Who stood beside a unit in another tree than today's.
    Siblings: (Contest, i64) => Roster, |tx, _viewer, keys|
        each_question!(keys, |contest, units| rollup::siblings(tx, &contest, &units).await?);
    /// Who stood below a unit in another tree than today's.
    Subordinates: ((Contest, Cluster), i64) => Roster, |tx, _viewer, keys|
        each_question!(keys, |q, units| rollup::subordinates(tx, &q.0, &q.1, &units).await?);
    /// The ranking of what stands below a unit.
    Leaderboards: ((i64, Contest, Cluster), i64) => Arc<Vec<Ranked>>, |tx, _viewer, keys|
        each_question!(keys, |q, units| {
            let boards = rollup::leaderboard(tx, q.0, &q.1, &units, &q.2).await?;
            boards.into_iter().map(|(unit, board)| (unit, Arc::new(board))).collect::<HashMap<_, _>>()
        });
}

/// A key that carries a row and is compared by its id.
macro_rules! row_key {
    ($name:ident($row:ty), |$key:ident| $id:expr) => {
        #[derive(Clone)]
        pub struct $name(pub Arc<$row>);

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                let id = |$key: &Self| $id;
                id(self) == id(other)
            }
        }

        impl Eq for $name {}

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                let id = |$key: &Self| $id;
                id(self).hash(state);
            }
        }
    };
}

row_key!(UnitKey(SeenUnit), |key| key.0.row.id);
row_key!(InitiativeKey(initiative::Model), |key| key.0.id);
row_key!(ProgrammeKey(Definition), |key| key.0.row.id);

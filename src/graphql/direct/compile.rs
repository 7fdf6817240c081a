//! From a prepared operation to a plan.

use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition};
use entity::enums::UnitKind;

use super::arguments::Given;
use super::collect::{Merged, Set, collect};
use super::plan::{
    Breakdown, CompletionField, EdgeField, KeyField, Keyed, List, ListField, Number, OverField, PageField, PartField,
    Plan, Rollup, RollupField, Root, UnitField, Units,
};
use crate::graphql::connection::args;
use crate::graphql::enums::{self, Dimension, Measure, Structure, TargetKind, UnitOrder};
use crate::graphql::scalars::DateTime;
use crate::graphql::slice::SliceInput;
use crate::rollup::{self, Lens};
use crate::store::Expected;
use crate::unit::{UnitFilter, Within};

/// The plan of a query; none where it asks for anything that is not known here.
pub fn compile(document: &ExecutableDocument, operation: &OperationDefinition, variables: &Variables) -> Option<Plan> {
    let given = Given { document, operation, variables };
    let mut units = Vec::new();
    let fields = keyed(&given, &[(&operation.selection_set.node, true)], "Query", |merged| {
        Some(match merged.field.name.node.as_str() {
            "__typename" => Root::Typename,
            "unit" => {
                units.push((given.argument::<String>(merged.field, "code")?, of_units(&given, &merged.sets)?));
                Root::Unit(units.len() - 1)
            }
            _ => return None,
        })
    })?;
    // Directives of an operation are none of ours.
    (operation.directives.is_empty() && !units.is_empty()).then_some(Plan {
        fields,
        units,
        takes_more: Expected::default(),
    })
}

/// The fields of an object, each made into what it is.
fn keyed<'a, T>(
    given: &Given<'a>,
    sets: &[Set<'a>],
    ty: &str,
    mut make: impl FnMut(&Merged<'a>) -> Option<T>,
) -> Option<Keyed<T>> {
    collect(given, sets, ty)?.iter().map(|merged| Some((merged.key.to_owned(), make(merged)?))).collect()
}

/// The same for fields without arguments that are told by their names.
fn named<T>(given: &Given<'_>, sets: &[Set<'_>], ty: &str, of: impl Fn(&str) -> Option<T>) -> Option<Keyed<T>> {
    keyed(given, sets, ty, |merged| of(merged.field.name.node.as_str()))
}

fn of_units<'a>(given: &Given<'a>, sets: &[Set<'a>]) -> Option<Units> {
    let (mut lists, mut rollups) = (Vec::new(), Vec::new());
    let fields = keyed(given, sets, "Unit", |merged| {
        Some(match merged.field.name.node.as_str() {
            "__typename" => UnitField::Typename,
            "id" => UnitField::Id,
            "code" => UnitField::Code,
            "name" => UnitField::Name,
            "nameEn" => UnitField::NameEn,
            "kind" => UnitField::Kind,
            "bloc" => UnitField::Bloc,
            "sector" => UnitField::Sector,
            "establishedOn" => UnitField::EstablishedOn,
            "dissolvedOn" => UnitField::DissolvedOn,
            "children" => {
                lists.push(of_children(given, merged)?);
                UnitField::List(lists.len() - 1)
            }
            "rollup" => {
                rollups.push(Arc::new(of_rollup(given, merged)?));
                UnitField::Rollup(rollups.len() - 1)
            }
            _ => return None,
        })
    })?;
    Some(Units { fields, lists, rollups })
}

fn of_children<'a>(given: &Given<'a>, merged: &Merged<'a>) -> Option<List> {
    let field = merged.field;
    let kinds: Option<Vec<enums::UnitKind>> = given.argument(field, "kind")?;
    let order: Option<UnitOrder> = given.argument(field, "orderBy")?;
    let kinds: Option<Vec<UnitKind>> = enums::list(kinds);
    // Other trees are read by the library's way.
    let as_of: Option<DateTime> = given.argument(field, "asOf")?;
    if as_of.is_some() {
        return None;
    }
    let filter =
        UnitFilter { within: Within::Children, kinds, search: None, order: order.map(Into::into), as_of: None };
    let page = args(
        given.argument(field, "first")?,
        given.argument(field, "after")?,
        given.argument(field, "last")?,
        given.argument(field, "before")?,
    );
    let (mut counted, mut placed, mut nodes) = (false, false, Vec::new());
    let fields = keyed(given, &merged.sets, "UnitConnection", |merged| {
        Some(match merged.field.name.node.as_str() {
            "__typename" => ListField::Typename,
            "nodes" => {
                nodes.push(of_units(given, &merged.sets)?);
                ListField::Nodes(nodes.len() - 1)
            }
            "edges" => ListField::Edges(keyed(given, &merged.sets, "UnitEdge", |merged| {
                Some(match merged.field.name.node.as_str() {
                    "__typename" => EdgeField::Typename,
                    "cursor" => {
                        placed = true;
                        EdgeField::Cursor
                    }
                    "node" => {
                        nodes.push(of_units(given, &merged.sets)?);
                        EdgeField::Node(nodes.len() - 1)
                    }
                    _ => return None,
                })
            })?),
            "pageInfo" => {
                let fields = named(given, &merged.sets, "PageInfo", page_field)?;
                placed |= fields.iter().any(|(_, field)| matches!(field, PageField::Start | PageField::End));
                ListField::PageInfo(fields)
            }
            "totalCount" => {
                counted = true;
                ListField::TotalCount
            }
            _ => return None,
        })
    })?;
    Some(List { filter, page, counted, placed, fields, nodes })
}

fn page_field(name: &str) -> Option<PageField> {
    Some(match name {
        "__typename" => PageField::Typename,
        "hasNextPage" => PageField::HasNext,
        "hasPreviousPage" => PageField::HasPrevious,
        "startCursor" => PageField::Start,
        "endCursor" => PageField::End,
        _ => return None,
    })
}

fn of_rollup<'a>(given: &Given<'a>, merged: &Merged<'a>) -> Option<Rollup> {
    let field = merged.field;
    let as_of: Option<DateTime> = given.argument(field, "asOf")?;
    let lens = match given.argument_or(field, "structure", Structure::Current)? {
        Structure::Current => Lens::Current,
        Structure::AsReported => Lens::Reported,
        Structure::At => return None,
    };
    if given.argument::<Option<DateTime>>(field, "structureAt")?.is_some() {
        return None;
    }
    let slice: Option<SliceInput> = given.argument(field, "slice")?;
    let mut rollup = Rollup {
        programme: given.argument(field, "programme")?,
        slice: slice.unwrap_or_default().into(),
        as_of: as_of.map(|at| at.millis()),
        lens,
        ..Rollup::default()
    };
    rollup.fields = keyed(given, &merged.sets, "Rollup", |merged| of_rollup_field(given, &mut rollup, merged))?;
    let needs = rollup.needs;
    let compared = needs.targets || needs.registered_below || !rollup.overs.is_empty() || !rollup.breakdowns.is_empty();
    // Of instants and other trees the numbers alone are read here.
    let present = rollup.as_of.is_none() && lens == Lens::Current;
    (present || !compared).then_some(rollup)
}

fn of_rollup_field<'a>(given: &Given<'a>, rollup: &mut Rollup, merged: &Merged<'a>) -> Option<RollupField> {
    let field = merged.field;
    Some(match field.name.node.as_str() {
        "__typename" => RollupField::Typename,
        "id" => RollupField::Id,
        "structure" => RollupField::Structure,
        "target" => {
            rollup.needs.targets = true;
            RollupField::Target(given.argument_or(field, "kind", TargetKind::Guideline)?.into())
        }
        "registeredBelow" => {
            rollup.needs.registered_below = true;
            RollupField::RegisteredBelow
        }
        "completion" => {
            rollup.needs.targets = true;
            rollup.needs.additive = true;
            let (of, kind) = count_and_kind(given, field)?;
            rollup.needs.participants |= of == rollup::Measure::Participants;
            RollupField::Completion(of, kind, named(given, &merged.sets, "Completion", completion_field)?)
        }
        "unitsOverTarget" => {
            rollup.overs.push(count_and_kind(given, field)?);
            let fields = named(given, &merged.sets, "UnitsOverTarget", over_field)?;
            RollupField::UnitsOver(rollup.overs.len() - 1, fields)
        }
        "breakdown" => {
            rollup.breakdowns.push(of_breakdown(given, merged)?);
            RollupField::Breakdown(rollup.breakdowns.len() - 1)
        }
        name => {
            let number = number(name)?;
            match number {
                Number::Participants => rollup.needs.participants = true,
                _ => rollup.needs.additive = true,
            }
            RollupField::Number(number)
        }
    })
}

/// What a count is compared with.
type OfKind = (rollup::Measure, Option<entity::enums::TargetKind>);

fn count_and_kind(given: &Given<'_>, field: &Field) -> Option<OfKind> {
    let kind: Option<TargetKind> = given.argument(field, "kind")?;
    Some((given.argument_or(field, "of", Measure::Approved)?.into(), kind.map(Into::into)))
}

fn number(name: &str) -> Option<Number> {
    use rollup::Measure::{Approved, Pending, Rejected, Returned, Revoked, Submitted};
    Some(match name {
        "submitted" => Number::Count(Submitted),
        "pending" => Number::Count(Pending),
        "returned" => Number::Count(Returned),
        "approved" => Number::Count(Approved),
        "rejected" => Number::Count(Rejected),
        "revoked" => Number::Count(Revoked),
        "claimedBenefit" => Number::Claimed,
        "verifiedBenefit" => Number::Verified,
        "benefitNotComputable" => Number::NotComputable,
        "participants" => Number::Participants,
        _ => return None,
    })
}

fn completion_field(name: &str) -> Option<CompletionField> {
    Some(match name {
        "__typename" => CompletionField::Typename,
        "numerator" => CompletionField::Numerator,
        "target" => CompletionField::Target,
        "kind" => CompletionField::Kind,
        "ratio" => CompletionField::Ratio,
        _ => return None,
    })
}

fn over_field(name: &str) -> Option<OverField> {
    Some(match name {
        "__typename" => OverField::Typename,
        "over" => OverField::Over,
        "withTarget" => OverField::WithTarget,
        "total" => OverField::Total,
        _ => return None,
    })
}

fn of_breakdown<'a>(given: &Given<'a>, merged: &Merged<'a>) -> Option<Breakdown> {
    let by: Vec<Dimension> = given.argument(merged.field, "by")?;
    let mut persons = false;
    let fields = keyed(given, &merged.sets, "RollupPart", |merged| {
        Some(match merged.field.name.node.as_str() {
            "__typename" => PartField::Typename,
            "keys" => PartField::Keys(named(given, &merged.sets, "DimensionKey", key_field)?),
            name => {
                let number = number(name)?;
                persons |= matches!(number, Number::Participants);
                PartField::Number(number)
            }
        })
    })?;
    Some(Breakdown { by: by.into_iter().map(Into::into).collect(), persons, fields })
}

fn key_field(name: &str) -> Option<KeyField> {
    Some(match name {
        "__typename" => KeyField::Typename,
        "dimension" => KeyField::Dimension,
        "value" => KeyField::Value,
        "label" => KeyField::Label,
        _ => return None,
    })
}

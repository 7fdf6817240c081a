//! Writing what was read as JSON, in the order of the plan: the bytes that the ordinary executor's answer comes to.

use async_graphql::resolver_utils::EnumType;

use super::gather::{FoundList, FoundUnit, Frame};
use super::plan::{
    CompletionField, EdgeField, KeyField, Keyed, List, ListField, Number, OverField, PageField, PartField, Plan,
    Rollup, RollupField, Root, UnitField, Units,
};
use super::rollups::{FoundRollup, Shown};
use crate::graphql::enums::{Dimension, Structure, TargetKind, UnitKind};
use crate::graphql::id::NodeId;
use crate::graphql::slice;
use crate::ledger::Tally;
use crate::rollup::{self, Measures, Part, PartKey, UnitsOverTarget};
use crate::text::Language;

/// An answer in the making. What it writes is `None` where a number does not fit.
pub struct Answer<'a> {
    pub frame: &'a Frame,
    /// For each of those that show.
    pub rollups: &'a [FoundRollup],
    /// Of labels.
    pub language: Language,
}

type Out = Vec<u8>;

impl Answer<'_> {
    pub fn write(&self, plan: &Plan) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(4_096 + 256 * self.rollups.len());
        object(&mut out, &plan.fields, |out, field| match field {
            Root::Typename => text(out, "Query"),
            Root::Unit(at) => {
                let (_, selected) = plan.units.get(*at)?;
                match self.frame.roots.get(*at)? {
                    Some(unit) => self.unit(out, *unit, selected),
                    None => null(out),
                }
            }
        })?;
        Some(out)
    }

    fn unit(&self, out: &mut Out, unit: usize, selected: &Units) -> Option<()> {
        let unit = self.frame.units.get(unit)?;
        let row = &unit.face;
        let within = row.in_scope();
        object(out, &selected.fields, |out, field| match field {
            UnitField::Typename => text(out, "Unit"),
            UnitField::Id => text(out, &NodeId::Unit(row.id).encode()),
            UnitField::Code => text(out, &row.code),
            UnitField::Name => text(out, &row.name),
            UnitField::NameEn => maybe(out, row.name_en.as_deref()),
            UnitField::Kind => name(out, UnitKind::from(row.kind)),
            UnitField::Bloc => maybe(out, row.bloc.as_deref().filter(|_| within)),
            UnitField::Sector => maybe(out, row.sector.as_deref().filter(|_| within)),
            UnitField::EstablishedOn => day(out, row.established_on.filter(|_| within)),
            UnitField::DissolvedOn => day(out, row.dissolved_on.filter(|_| within)),
            UnitField::List(at) => self.list(out, unit.lists.get(*at)?, selected.lists.get(*at)?),
            UnitField::Rollup(at) => match unit.rollups.get(*at)? {
                Some(place) => {
                    let found = (self.frame.rollups.shown.get(*place)?, self.rollups.get(*place)?);
                    self.rollup(out, unit, found, selected.rollups.get(*at)?)
                }
                None => null(out),
            },
        })
    }

    fn list(&self, out: &mut Out, found: &FoundList, list: &List) -> Option<()> {
        object(out, &list.fields, |out, field| match field {
            ListField::Typename => text(out, "UnitConnection"),
            ListField::Nodes(at) => {
                let selected = list.nodes.get(*at)?;
                each(out, found.nodes.get(*at)?, |out, unit| self.unit(out, *unit, selected))
            }
            ListField::Edges(fields) => {
                let places: Vec<usize> = (0..found.page.faces.len()).collect();
                each(out, &places, |out, place| self.edge(out, *place, found, list, fields))
            }
            ListField::PageInfo(fields) => object(out, fields, |out, field| match field {
                PageField::Typename => text(out, "PageInfo"),
                PageField::HasNext => truth(out, found.page.has_next),
                PageField::HasPrevious => truth(out, found.page.has_previous),
                PageField::Start => maybe(out, found.page.cursors.first().map(String::as_str)),
                PageField::End => maybe(out, found.page.cursors.last().map(String::as_str)),
            }),
            ListField::TotalCount => whole(out, found.total.into()),
        })
    }

    fn edge(
        &self,
        out: &mut Out,
        place: usize,
        found: &FoundList,
        list: &List,
        fields: &Keyed<EdgeField>,
    ) -> Option<()> {
        object(out, fields, |out, field| match field {
            EdgeField::Typename => text(out, "UnitEdge"),
            EdgeField::Cursor => text(out, found.page.cursors.get(place)?),
            EdgeField::Node(at) => self.unit(out, *found.nodes.get(*at)?.get(place)?, list.nodes.get(*at)?),
        })
    }

    fn rollup(
        &self,
        out: &mut Out,
        unit: &FoundUnit,
        (shown, found): (&Shown, &FoundRollup),
        selected: &Rollup,
    ) -> Option<()> {
        object(out, &selected.fields, |out, field| match field {
            RollupField::Typename => text(out, "Rollup"),
            RollupField::Id => {
                let slice = slice::to_text(&selected.slice, selected.as_of, selected.lens);
                text(out, &NodeId::Rollup(unit.face.id, shown.programme, slice).encode())
            }
            RollupField::Structure => name(out, Structure::from(selected.lens)),
            RollupField::Number(of) => number(out, *of, &found.measures, found.participants),
            RollupField::Target(kind) => match shown.targets.get(*kind) {
                Some(target) => whole(out, target.into()),
                None => null(out),
            },
            RollupField::RegisteredBelow => match shown.registered_below {
                Some(sum) => whole(out, sum),
                None => null(out),
            },
            RollupField::Completion(of, kind, fields) => {
                // What is wrong with the count has been looked at.
                match rollup::completion(&found.measures, &shown.targets, *of, *kind).ok()? {
                    Some(completion) => written(out, &completion, fields),
                    None => null(out),
                }
            }
            RollupField::UnitsOver(at, fields) => over(out, found.overs.get(*at)?, fields),
            RollupField::Breakdown(at) => {
                let fields = &selected.breakdowns.get(*at)?.fields;
                each(out, found.breakdowns.get(*at)?, |out, part| self.part(out, part, fields))
            }
        })
    }

    fn part(&self, out: &mut Out, part: &Part, fields: &Keyed<PartField>) -> Option<()> {
        object(out, fields, |out, field| match field {
            PartField::Typename => text(out, "RollupPart"),
            PartField::Number(of) => number(out, *of, &part.measures, part.measures.participants),
            PartField::Keys(fields) => each(out, &part.keys, |out, key| self.key(out, key, fields)),
        })
    }

    fn key(&self, out: &mut Out, key: &PartKey, fields: &Keyed<KeyField>) -> Option<()> {
        object(out, fields, |out, field| match field {
            KeyField::Typename => text(out, "DimensionKey"),
            KeyField::Dimension => name(out, Dimension::from(key.dimension)),
            KeyField::Value => maybe(out, key.value.as_deref()),
            KeyField::Label => text(out, &key.label.text(self.language)),
        })
    }
}

fn written(out: &mut Out, completion: &rollup::Completion, fields: &Keyed<CompletionField>) -> Option<()> {
    object(out, fields, |out, field| match field {
        CompletionField::Typename => text(out, "Completion"),
        CompletionField::Numerator => whole(out, completion.numerator),
        CompletionField::Target => whole(out, completion.target.into()),
        CompletionField::Kind => name(out, TargetKind::from(completion.kind)),
        CompletionField::Ratio => {
            let numerator = i32::try_from(completion.numerator).ok()?;
            json(out, &(f64::from(numerator) / f64::from(completion.target)))
        }
    })
}

fn over(out: &mut Out, over: &UnitsOverTarget, fields: &Keyed<OverField>) -> Option<()> {
    object(out, fields, |out, field| match field {
        OverField::Typename => text(out, "UnitsOverTarget"),
        OverField::Over => whole(out, over.over),
        OverField::WithTarget => whole(out, over.with_target),
        OverField::Total => whole(out, over.total),
    })
}

fn number(out: &mut Out, number: Number, measures: &Measures, participants: i64) -> Option<()> {
    let tally: &Tally = &measures.tally;
    match number {
        Number::Count(of) => whole(out, measures.amount(of)),
        Number::Claimed => quoted(out, tally.claimed()),
        Number::Verified => quoted(out, tally.verified),
        Number::NotComputable => whole(out, tally.opaque()),
        Number::Participants => whole(out, participants),
    }
}

/// An object: each field with its key.
fn object<T>(out: &mut Out, fields: &Keyed<T>, mut write: impl FnMut(&mut Out, &T) -> Option<()>) -> Option<()> {
    out.push(b'{');
    for (i, (key, field)) in fields.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        // A key is a name: nothing in it needs to be escaped.
        out.push(b'"');
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b"\":");
        write(out, field)?;
    }
    out.push(b'}');
    Some(())
}

fn each<T>(out: &mut Out, items: &[T], mut write: impl FnMut(&mut Out, &T) -> Option<()>) -> Option<()> {
    out.push(b'[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(out, item)?;
    }
    out.push(b']');
    Some(())
}

fn json<T: serde::Serialize + ?Sized>(out: &mut Out, value: &T) -> Option<()> {
    serde_json::to_writer(out, value).ok()
}

fn text(out: &mut Out, text: &str) -> Option<()> {
    json(out, text)
}

fn maybe(out: &mut Out, value: Option<&str>) -> Option<()> {
    json(out, &value)
}

fn day(out: &mut Out, day: Option<chrono::NaiveDate>) -> Option<()> {
    maybe(out, day.map(|day| day.to_string()).as_deref())
}

fn null(out: &mut Out) -> Option<()> {
    out.extend_from_slice(b"null");
    Some(())
}

fn truth(out: &mut Out, truth: bool) -> Option<()> {
    json(out, &truth)
}

/// As GraphQL's Int has it.
fn whole(out: &mut Out, number: i64) -> Option<()> {
    json(out, &i32::try_from(number).ok()?)
}

/// As a BigInt has it.
fn quoted(out: &mut Out, number: i64) -> Option<()> {
    out.push(b'"');
    json(out, &number)?;
    out.push(b'"');
    Some(())
}

/// The name of a member of an enumeration.
fn name<T: EnumType>(out: &mut Out, value: T) -> Option<()> {
    text(out, T::items().iter().find(|item| item.value == value)?.name)
}

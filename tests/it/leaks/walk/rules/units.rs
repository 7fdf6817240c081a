//! `Unit` and `Target`.

use super::super::super::model::{Aggregates, Nth};
use super::super::data::{raw, slice_text};
use super::super::things::{Answer, Ask, Thing};
use super::lists::{initiatives, units};
use super::{Table, is, word};

pub const RULES: Table = &[
    ("Unit.id", super::id),
    ("Unit.code", |a| is(&row(a).code)),
    ("Unit.name", |a| is(&row(a).name)),
    ("Unit.nameEn", |a| is(&row(a).name_en)),
    ("Unit.kind", |a| is(word(&row(a).kind))),
    ("Unit.bloc", |a| is(row(a).bloc.as_ref().filter(|_| whole(a)))),
    ("Unit.sector", |a| is(row(a).sector.as_ref().filter(|_| whole(a)))),
    ("Unit.establishedOn", |a| is(row(a).established_on.filter(|_| whole(a)))),
    ("Unit.dissolvedOn", |a| is(row(a).dissolved_on.filter(|_| whole(a)))),
    ("Unit.parent", |a| Answer::One(row(a).parent_id.filter(|id| a.exists(*id)).map(Thing::Unit))),
    ("Unit.coordinator", |a| {
        Answer::One(row(a).coordinator_id.filter(|id| whole(a) && a.exists(*id)).map(Thing::Unit))
    }),
    ("Unit.ancestors", |a| {
        let mut way: Vec<Nth> = a.world().way_up(nth(a))[1..].to_vec();
        way.retain(|n| a.world().exists(a.viewer, *n));
        Answer::Slots(way.into_iter().rev().map(|n| Some(thing(a, n))).collect())
    }),
    ("Unit.children", |a| {
        let here = nth(a);
        units(a, |n| a.world().units[n].parent == Some(here) && a.world().exists(a.viewer, n))
    }),
    ("Unit.descendants", |a| {
        let here = nth(a);
        units(a, |n| n != here && a.world().stands_in(n, here) && a.world().whole(a.viewer, n))
    }),
    ("Unit.initiatives", |a| {
        let here = nth(a);
        initiatives(a, |_, of| a.world().stands_in(of.unit, here) && a.world().reads(a.viewer, of))
    }),
    ("Unit.targets", |a| {
        let Some((programme, shown)) = aggregates(a) else { return Answer::Many(Vec::new()) };
        let here = |row: &&entity::target::Model| {
            row.unit_id == unit(a) && row.programme_id == programme && shown != Aggregates::None
        };
        Answer::Many(a.data.targets.values().filter(here).map(|row| Thing::Target(row.id)).collect())
    }),
    ("Unit.officers", |a| {
        let (here, world) = (nth(a), a.world());
        let all = world.people.iter().enumerate().flat_map(|(n, person)| person.grants.iter().map(move |g| (n, g)));
        let shown = all.filter(|(holder, grant)| grant.unit == here && world.sees_grant(a.viewer, *holder, grant));
        Answer::Page(shown.map(|(_, grant)| Thing::Grant(raw(&grant.id))).collect())
    }),
    ("Unit.audit", super::audit::of_unit),
    ("Unit.viewerCan", |a| is(a.world().unit_actions(a.viewer, nth(a)))),
    ("Unit.clusters", |a| {
        let here = nth(a);
        super::clusters::some(a, |cluster| whole(a) && cluster.owner == here)
    }),
    ("Unit.memberOf", |a| {
        let here = nth(a);
        super::clusters::some(a, |cluster| whole(a) && cluster.members.contains(&here))
    }),
    ("Unit.rollup", |a| {
        let slice = slice_text(a.arguments.get("slice"), a.text("structure"));
        let shown = aggregates(a).filter(|(_, shown)| *shown != Aggregates::None);
        Answer::One(shown.map(|(programme, _)| Thing::Rollup(unit(a), programme, slice)))
    }),
    ("Unit.ranking", |a| {
        let Some((programme, shown)) = aggregates(a) else { return Answer::One(None) };
        let cluster = match a.text("among") {
            None => a.world().units[nth(a)].parent.map_or(vec![nth(a)], |parent| a.world().children(parent)),
            Some(code) => {
                let cluster = a.world().clusters.iter().find(|cluster| cluster.code == code);
                let members = cluster.map(|cluster| cluster.members.clone()).unwrap_or_default();
                // Who is no member has no place in it.
                if members.contains(&nth(a)) { members } else { return Answer::One(None) }
            }
        };
        let shows = shown != Aggregates::None && a.world().all_show(a.viewer, &cluster, a.data.programme(programme));
        let board = format!("among {:?} {}", a.text("among"), board(a));
        Answer::One(shows.then(|| Thing::Ranking(unit(a), board)))
    }),
    ("Unit.leaderboard", leaderboard),
    ("Target.id", super::id),
    ("Target.unit", |a| Answer::One(Some(Thing::Unit(target(a).unit_id)))),
    ("Target.programme", |a| Answer::One(Some(Thing::Programme(target(a).programme_id)))),
    ("Target.kind", |a| is(word(&target(a).kind))),
    ("Target.phase", |a| is((target(a).phase_id != 0).then_some("1"))),
    ("Target.bloc", |a| is(Some(&target(a).bloc).filter(|bloc| !bloc.is_empty()))),
    ("Target.value", |a| is(target(a).value)),
    ("Target.bound", |a| is(word(&target(a).bound))),
    ("Target.setAt", |a| Answer::At(Some(target(a).set_at))),
];

fn leaderboard(a: &Ask) -> Answer {
    let Some((programme, shown)) = aggregates(a) else { return Answer::One(None) };
    let (world, here) = (a.world(), nth(a));
    let n = a.data.programme(programme);
    let whole = shown == Aggregates::Whole;
    let deep = a.text("depth") == Some("DESCENDANTS");
    let cluster: Vec<Nth> = if deep {
        (0..world.units.len()).filter(|unit| *unit != here && world.stands_in(*unit, here)).collect()
    } else {
        world.children(here)
    };
    let level = whole || world.depth(here) < world.programmes[n].level;
    let shows = shown != Aggregates::None && level && world.all_show(a.viewer, &cluster, n) && (whole || !deep);
    if !shows {
        return Answer::One(None);
    }
    let kinds = a.texts("kind");
    let ranked = cluster
        .into_iter()
        .map(|n| raw(&world.units[n].id))
        .filter(|id| kinds.as_ref().is_none_or(|kinds| kinds.contains(&word(&a.data.units[id].kind).as_str())));
    let board = format!("below {} {:?} {kinds:?} {}", row(a).code, a.text("depth"), board(a));
    Answer::Page(ranked.map(|id| Thing::Ranking(id, board.clone())).collect())
}

/// What makes an order, whoever asks.
fn board(a: &Ask) -> String {
    format!("{:?} {:?} {}", a.text("programme"), a.text("by"), slice_text(a.arguments.get("slice"), None))
}

fn unit(a: &Ask) -> i64 {
    let Thing::Unit(id) = a.thing else { unreachable!() };
    *id
}

fn row<'a>(a: &Ask<'a>) -> &'a entity::unit::Model {
    &a.data.units[&unit(a)]
}

fn nth(a: &Ask) -> Nth {
    a.data.unit(unit(a))
}

fn thing(a: &Ask, n: Nth) -> Thing {
    Thing::Unit(raw(&a.world().units[n].id))
}

fn whole(a: &Ask) -> bool {
    a.world().whole(a.viewer, nth(a))
}

/// The programme of the argument and how much of it shows here; none where the viewer sees no such programme.
fn aggregates(a: &Ask) -> Option<(i64, Aggregates)> {
    let (id, n) = a.programme()?;
    Some((id, a.world().aggregates(a.viewer, nth(a), n)))
}

fn target<'a>(a: &Ask<'a>) -> &'a entity::target::Model {
    let Thing::Target(id) = a.thing else { unreachable!() };
    &a.data.targets[id]
}

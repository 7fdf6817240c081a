//! `Query` and `Viewer`.

use entity::enums::{InitiativeState, Role};

use super::super::super::model::{Aggregates, is_author};
use super::super::data::{raw, slice_text};
use super::super::things::{Answer, Ask, Thing};
use super::lists::{initiatives, units};
use super::{Table, is};

pub const RULES: Table = &[
    ("Query.viewer", |a| Answer::One(a.viewer.person.map(|_| Thing::Viewer))),
    ("Query.node", |a| Answer::One(node(a, a.text("id").unwrap()))),
    ("Query.nodes", |a| Answer::Slots(a.texts("ids").unwrap().into_iter().map(|id| node(a, id)).collect())),
    ("Query.unit", |a| {
        let found = a.data.unit_of_code(a.text("code").unwrap());
        Answer::One(found.filter(|(_, n)| a.world().exists(a.viewer, *n)).map(|(id, _)| Thing::Unit(id)))
    }),
    ("Query.units", |a| match within(a) {
        Err(failed) => failed,
        Ok(top) => units(a, |n| a.world().whole(a.viewer, n) && top.is_none_or(|top| a.world().stands_in(n, top))),
    }),
    ("Query.programme", |a| {
        let found = a.data.programme_of_code(a.text("code").unwrap());
        let shows = |n: &usize| a.world().sees_programme(a.viewer, *n);
        Answer::One(found.filter(|(_, n)| shows(n)).map(|(id, _)| Thing::Programme(id)))
    }),
    ("Query.programmes", |a| {
        let shows = |id: &&i64| a.world().sees_programme(a.viewer, a.data.programme(**id));
        Answer::Page(a.data.programmes.keys().filter(shows).map(|id| Thing::Programme(*id)).collect())
    }),
    ("Query.initiative", |a| {
        let code = a.text("code").unwrap();
        let row = a.data.initiatives.values().find(|row| row.code == code);
        let reads = |id: &i64| a.world().reads(a.viewer, &a.world().initiatives[a.data.initiative(*id)]);
        Answer::One(row.map(|row| row.id).filter(reads).map(Thing::Initiative))
    }),
    ("Query.initiatives", |a| match within(a) {
        Err(failed) => failed,
        Ok(top) => initiatives(a, |_, of| {
            a.world().reads(a.viewer, of) && top.is_none_or(|top| a.world().stands_in(of.unit, top))
        }),
    }),
    ("Subscription.rollupChanged", |a| {
        let unit = a.data.unit_of_code(a.text("unit").unwrap()).filter(|(_, n)| a.world().exists(a.viewer, *n));
        let (Some((id, n)), Some((programme, nth))) = (unit, a.programme()) else { return Answer::Failed("NOT_FOUND") };
        let slice = slice_text(a.arguments.get("slice"), None);
        match a.world().aggregates(a.viewer, n, nth) {
            Aggregates::None => Answer::Failed("NOT_FOUND"),
            _ => Answer::One(Some(Thing::Rollup(id, programme, slice))),
        }
    }),
    // Told when something changes, to whoever reads it: tests/it/access/subscriptions.rs.
    ("Subscription.initiativeChanged", super::part),
    ("Viewer.account", |a| Answer::One(a.me().map(Thing::Account))),
    ("Viewer.grants", |a| {
        let me = a.viewer.person.unwrap();
        let own = a.world().people[me].grants.iter().filter(|grant| a.world().own_grant(a.viewer, me, grant));
        Answer::Many(own.map(|grant| Thing::Grant(raw(&grant.id))).collect())
    }),
    ("Viewer.sessions", |a| {
        let own = a.data.sessions.values().filter(|row| Some(row.account_id) == a.me() && !program(a));
        Answer::Many(own.map(|row| Thing::Session(row.id)).collect())
    }),
    ("Viewer.tokens", |a| {
        Answer::Page(a.data.tokens.keys().filter(|id| own_token(a, **id)).map(|id| Thing::Token(*id)).collect())
    }),
    ("Viewer.initiatives", |a| initiatives(a, |_, of| a.world().authored(a.viewer, of))),
    ("Viewer.awaitingDecision", |a| match within(a) {
        Err(failed) => failed,
        Ok(top) => initiatives(a, |row, of| {
            row.state == InitiativeState::Submitted
                && a.world().covers(a.viewer, of.unit, &[Role::Reviewer])
                && !is_author(a.viewer, of)
                && top.is_none_or(|top| a.world().stands_in(of.unit, top))
        }),
    }),
    ("PageInfo.hasNextPage", super::part),
    ("PageInfo.hasPreviousPage", super::part),
    ("PageInfo.startCursor", super::part),
    ("PageInfo.endCursor", super::part),
    ("Programme.id", super::id),
    ("Programme.code", |a| is(&programme(a).code)),
    ("Programme.name", |a| is(&programme(a).name)),
    ("Programme.nameEn", |a| is(&programme(a).name_en)),
    ("Programme.startsOn", |a| is(programme(a).starts_on)),
    ("Programme.planEndsOn", |a| is(programme(a).plan_ends_on)),
    ("Programme.visibility", |a| is(super::word(&programme(a).visibility))),
    ("Programme.publicLevel", |a| is(programme(a).public_level)),
    // A definition shows wherever its programme does, and is the same for everybody.
    ("Programme.phases", |a| definition(a, "Phase")),
    ("Programme.groups", |a| definition(a, "ParticipantGroup")),
    ("Programme.blocs", |_| is(["ENTERPRISE"])),
    ("Phase.code", super::known),
    ("Phase.name", super::known),
    ("Phase.appliedFrom", super::known),
    ("Phase.appliedTo", super::known),
    ("Phase.enteredFrom", super::known),
    ("Phase.enteredTo", super::known),
    ("ParticipantGroup.code", super::known),
    ("ParticipantGroup.name", super::known),
];

/// A program with an API token, as which one does not see everything of oneself.
fn program(a: &Ask) -> bool {
    matches!(a.viewer.pass, super::super::super::model::Pass::Token(_))
}

fn own_token(a: &Ask, id: i64) -> bool {
    let itself = match a.viewer.pass {
        super::super::super::model::Pass::Token(n) => raw(&a.world().tokens[n].id) == id,
        _ => true,
    };
    itself && Some(a.data.tokens[&id].account_id) == a.me()
}

/// The unit that the argument `within` bounds a list to.
fn within(a: &Ask) -> Result<Option<usize>, Answer> {
    let Some(code) = a.text("within") else { return Ok(None) };
    let found = a.data.unit_of_code(code).filter(|(_, n)| a.world().exists(a.viewer, *n));
    found.map(|(_, n)| Some(n)).ok_or(Answer::Failed("NOT_FOUND"))
}

fn programme<'a>(a: &Ask<'a>) -> &'a entity::programme::Model {
    let Thing::Programme(id) = a.thing else { unreachable!() };
    &a.data.programmes[id]
}

/// The scene's programmes have one phase and one group each.
fn definition(a: &Ask, ty: &'static str) -> Answer {
    Answer::Slots(vec![Some(Thing::Under(ty, programme(a).code.clone()))])
}

/// What an id leads to.
pub fn node(a: &Ask, id: &str) -> Option<Thing> {
    let thing = a.data.thing_of(id)?;
    let (world, viewer) = (a.world(), a.viewer);
    let reads = |id: &i64| world.reads(viewer, &world.initiatives[a.data.initiative(*id)]);
    let shown = |unit: i64, programme: i64| {
        world.aggregates(viewer, a.data.unit(unit), a.data.programme(programme)) != Aggregates::None
    };
    let shows = match &thing {
        Thing::Unit(id) => a.exists(*id),
        Thing::Account(id) => a.opens_person(*id),
        Thing::Grant(id) => {
            let holder = a.data.person(a.data.grants[id].account_id);
            let gid = super::super::data::gid('g', *id);
            let grant = world.people[holder].grants.iter().find(|grant| grant.id == gid).unwrap();
            world.sees_grant(viewer, holder, grant)
        }
        Thing::Token(id) => own_token(a, *id),
        Thing::Programme(id) => world.sees_programme(viewer, a.data.programme(*id)),
        Thing::Initiative(id) | Thing::Event(id, _) => reads(id),
        Thing::Target(id) => shown(a.data.targets[id].unit_id, a.data.targets[id].programme_id),
        Thing::Cluster(id) => world.sees_cluster(viewer, a.data.cluster(*id)),
        Thing::Line(id) => super::audit::reads(a, *id),
        Thing::Rollup(unit, programme, _) => shown(*unit, *programme),
        // Sessions are listed, and found again by nobody.
        _ => false,
    };
    shows.then_some(thing)
}

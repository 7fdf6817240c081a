//! `Initiative`, its authors and events. Whoever reaches one reads it: whether he may is the rule of what led to it.

use entity::enums::{Action, InitiativeState as State, Role};
use serde_json::json;

use super::super::super::model::{Initiative, Pass, is_author};
use super::super::things::{Answer, Ask, Thing};
use super::{Table, big, is, plain, word};

pub const RULES: Table = &[
    ("Initiative.id", super::id),
    ("Initiative.code", |a| is(&row(a).code)),
    ("Initiative.title", |a| is(&row(a).title)),
    ("Initiative.summary", |a| is(&row(a).summary)),
    ("Initiative.state", |a| is(word(&row(a).state))),
    ("Initiative.version", |a| is(row(a).version)),
    ("Initiative.programme", |a| Answer::One(Some(Thing::Programme(row(a).programme_id)))),
    ("Initiative.phase", |_| is("1")),
    ("Initiative.group", |_| is("A")),
    ("Initiative.solution", |a| is(word(&row(a).solution))),
    ("Initiative.unit", |a| Answer::One(Some(Thing::Unit(row(a).unit_id)))),
    ("Initiative.authors", |a| {
        let authors = 0..a.data.authors[&row(a).id].len();
        Answer::Slots(authors.map(|n| Some(Thing::Author(row(a).id, n))).collect())
    }),
    ("Initiative.claimedBenefit", |a| big(row(a).claimed_benefit)),
    ("Initiative.verifiedBenefit", |a| big(row(a).verified_benefit)),
    ("Initiative.benefitNotComputable", |a| is(row(a).benefit_not_computable)),
    ("Initiative.benefitNote", |a| is(&row(a).benefit_note)),
    ("Initiative.appliedOn", |a| is(row(a).applied_on)),
    ("Initiative.submittedAt", |a| Answer::At(row(a).submitted_at)),
    ("Initiative.decidedAt", |a| Answer::At(row(a).decided_at)),
    ("Initiative.refusal", |a| {
        let text = &row(a).refusal_text;
        let reason = row(a).refusal_reason.as_ref();
        Answer::One(reason.map(|reason| plain("Refusal", json!({ "reason": word(reason), "text": text }))))
    }),
    ("Initiative.recognition", |a| {
        let (number, authority, on) =
            (&row(a).recognition_number, &row(a).recognition_authority, row(a).recognition_on);
        let recognition = json!({ "number": number, "authority": authority, "on": on });
        Answer::One(number.as_ref().map(|_| plain("Recognition", recognition)))
    }),
    ("Initiative.events", |a| {
        let events = a.data.events[&row(a).id].iter();
        Answer::Page(events.map(|event| Thing::Event(event.initiative_id, event.seq)).collect())
    }),
    ("Initiative.viewerCan", |a| is(actions(a).into_iter().map(|action| word(&action)).collect::<Vec<_>>())),
    ("Author.account", |a| Answer::One(named(a, author(a).account_id))),
    ("Author.share", |a| is(f64::from(author(a).share) / 100.0)),
    ("Refusal.reason", super::part),
    ("Refusal.text", super::part),
    ("Recognition.number", super::part),
    ("Recognition.authority", super::part),
    ("Recognition.on", super::part),
    ("InitiativeEvent.id", super::id),
    ("InitiativeEvent.at", |a| Answer::At(Some(event(a).at))),
    ("InitiativeEvent.action", |a| is(word(&event(a).action))),
    ("InitiativeEvent.from", |a| is(event(a).from_state.as_ref().map(word))),
    ("InitiativeEvent.to", |a| is(word(&event(a).to_state))),
    ("InitiativeEvent.by", |a| Answer::One(event(a).by_id.and_then(|by| named(a, by)))),
    ("InitiativeEvent.note", |a| is(&event(a).note)),
];

fn named(a: &Ask, account: i64) -> Option<Thing> {
    a.world().names(a.viewer, a.data.person(account)).then_some(Thing::Account(account))
}

fn row<'a>(a: &Ask<'a>) -> &'a entity::initiative::Model {
    let Thing::Initiative(id) = a.thing else { unreachable!() };
    &a.data.initiatives[id]
}

fn author<'a>(a: &Ask<'a>) -> &'a entity::initiative_author::Model {
    let Thing::Author(id, n) = a.thing else { unreachable!() };
    &a.data.authors[id][*n]
}

fn event<'a>(a: &Ask<'a>) -> &'a entity::initiative_event::Model {
    let Thing::Event(id, seq) = a.thing else { unreachable!() };
    a.data.events[id].iter().find(|event| event.seq == *seq).unwrap()
}

/// What the viewer may do with it as it stands.
fn actions(a: &Ask) -> Vec<Action> {
    let of: &Initiative = &a.world().initiatives[a.data.initiative(row(a).id)];
    let (world, state) = (a.world(), row(a).state);
    let carries = |role| match a.viewer.pass {
        Pass::Token(n) => world.tokens[n].roles.contains(&role),
        Pass::Session | Pass::CommandLine => true,
    };
    // The bounds of a token end its authorship where they end the reading, which is the rule of what led here.
    let first = a.viewer.person == Some(of.authors[0]) && carries(Role::Member);
    let decides = world.covers(a.viewer, of.unit, &[Role::Reviewer]) && !is_author(a.viewer, of);
    let above = || world.units[of.unit].parent.is_some_and(|parent| world.covers(a.viewer, parent, &[Role::Reviewer]));
    let member = world.covers(a.viewer, of.unit, &[Role::Member]);
    let all = [
        (Action::Edit, first && matches!(state, State::Draft | State::Returned)),
        (Action::Submit, first && member && matches!(state, State::Draft | State::Returned)),
        (Action::Withdraw, first && matches!(state, State::Submitted | State::Returned)),
        (Action::Return, decides && state == State::Submitted),
        (Action::Approve, decides && state == State::Submitted),
        (Action::Reject, decides && state == State::Submitted),
        (Action::Revoke, decides && state == State::Approved && revokes(a, of, &above)),
    ];
    all.into_iter().filter(|(_, may)| *may).map(|(action, _)| action).collect()
}

/// Only a reviewer of a unit above; a token that is bound to the very unit leaves him that he is.
fn revokes(a: &Ask, of: &Initiative, above: &dyn Fn() -> bool) -> bool {
    match a.viewer.pass {
        Pass::Token(n) if a.world().tokens[n].within == Some(of.unit) => {
            let person = &a.world().people[a.viewer.person.unwrap()];
            let higher = |grant: &super::super::super::model::Grant| {
                grant.role == Role::Reviewer && grant.unit != of.unit && a.world().stands_in(of.unit, grant.unit)
            };
            a.world().tokens[n].roles.contains(&Role::Reviewer) && person.grants.iter().any(higher)
        }
        _ => above(),
    }
}

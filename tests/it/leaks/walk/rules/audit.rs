//! `AuditEntry`.

use entity::enums::{AuditObject, Role};
use serde_json::{Value, json};

use super::super::data::gid;
use super::super::things::{Answer, Ask, Thing};
use super::{Table, is, plain, word};

pub const RULES: Table = &[
    ("AuditEntry.id", super::id),
    ("AuditEntry.at", |a| Answer::At(Some(line(a).at))),
    ("AuditEntry.actor", |a| Answer::One(line(a).actor_id.filter(|actor| named(a, *actor)).map(Thing::Account))),
    ("AuditEntry.actorId", |a| is(line(a).actor_id.map(|id| gid('a', id)))),
    ("AuditEntry.credential", |a| is(line(a).credential.as_ref().map(word))),
    ("AuditEntry.source", |a| is(word(&line(a).source))),
    ("AuditEntry.action", |a| is(&line(a).action)),
    ("AuditEntry.unit", |a| Answer::One(line(a).unit_id.filter(|unit| a.exists(*unit)).map(Thing::Unit))),
    ("AuditEntry.objectId", |a| {
        let tag = match line(a).object {
            Some(AuditObject::Unit) => 'u',
            Some(AuditObject::Programme) => 'p',
            Some(AuditObject::Target) => 't',
            Some(AuditObject::Cluster) => 'c',
            Some(AuditObject::Initiative) => 'i',
            Some(AuditObject::Account) => 'a',
            Some(AuditObject::Grant) => 'g',
            _ => return Answer::Is(Value::Null),
        };
        is(line(a).object_id.map(|id| gid(tag, id)))
    }),
    ("AuditEntry.outcome", |a| is(word(&line(a).outcome))),
    ("AuditEntry.codes", |a| is(line(a).codes.split(',').filter(|code| !code.is_empty()).collect::<Vec<_>>())),
    ("AuditEntry.changes", |a| {
        // Of initiatives only to whoever reads their unit's records.
        let records = [Role::Reviewer, Role::Analyst, Role::Admin];
        if line(a).object == Some(AuditObject::Initiative) && !covers(a, &records) {
            return Answer::Slots(Vec::new());
        }
        let changes: Vec<Value> = serde_json::from_str(&line(a).changes).unwrap();
        let shown = |change: &Value| {
            let hashed = change["h"].as_bool().unwrap_or(false);
            Some(plain(
                "AuditChange",
                json!({ "field": change["f"], "before": change["b"], "after": change["a"], "hashed": hashed }),
            ))
        };
        Answer::Slots(changes.iter().map(shown).collect())
    }),
    ("AuditEntry.address", |a| {
        let actor = line(a).actor_id;
        let own = actor.is_some() && actor == a.me();
        let over = |account: i64| a.opens_person(account);
        is(line(a).address.as_ref().filter(|_| own || covers(a, &[Role::Operator]) || actor.is_some_and(over)))
    }),
    ("AuditEntry.requestId", |a| is(&line(a).request)),
    ("AuditChange.field", super::part),
    ("AuditChange.before", super::part),
    ("AuditChange.after", super::part),
    ("AuditChange.hashed", super::part),
];

fn line<'a>(a: &Ask<'a>) -> &'a entity::audit_entry::Model {
    let Thing::Line(id) = a.thing else { unreachable!() };
    &a.data.lines[id]
}

fn covers(a: &Ask, roles: &[Role]) -> bool {
    line(a).unit_id.is_some_and(|unit| a.world().covers(a.viewer, a.data.unit(unit), roles))
}

/// The log of a unit and everything below it goes to its admins and to operators.
pub fn reads(a: &Ask, id: i64) -> bool {
    let unit = a.data.lines[&id].unit_id;
    unit.is_some_and(|unit| a.world().covers(a.viewer, a.data.unit(unit), &[Role::Admin, Role::Operator]))
}

/// Whose name shows beside a record, and who holds a role at a unit that the viewer is an admin over.
fn named(a: &Ask, account: i64) -> bool {
    let person = a.data.person(account);
    let holds = |grant: &super::super::super::model::Grant| a.world().covers(a.viewer, grant.unit, &[Role::Admin]);
    a.world().names(a.viewer, person) || a.world().people[person].grants.iter().any(holds)
}

pub fn of_unit(a: &Ask) -> Answer {
    let Thing::Unit(id) = a.thing else { unreachable!() };
    let here = a.data.unit(*id);
    if !a.world().covers(a.viewer, here, &[Role::Admin, Role::Operator]) {
        return Answer::One(None);
    }
    let instant =
        |argument| a.text(argument).map(|text| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis());
    let (from, to, outcomes) = (instant("from"), instant("to"), a.texts("outcome"));
    let wanted = |row: &&entity::audit_entry::Model| {
        row.unit_id.is_some_and(|unit| a.world().stands_in(a.data.unit(unit), here))
            && a.text("action").is_none_or(|action| row.action == action)
            && a.text("actor").is_none_or(|actor| row.actor_id.map(|id| gid('a', id)).as_deref() == Some(actor))
            && outcomes.as_ref().is_none_or(|outcomes| outcomes.contains(&word(&row.outcome).as_str()))
            && from.is_none_or(|from| row.at >= from)
            && to.is_none_or(|to| row.at < to)
    };
    Answer::Page(a.data.lines.values().filter(wanted).map(|row| Thing::Line(row.id)).collect())
}

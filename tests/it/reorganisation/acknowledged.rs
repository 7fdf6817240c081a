//! Whether everything that was acknowledged is there, once, and counts where it belongs: by the tree of now, and by the one in which it
//! was sent in. What the tree was is read from the units' own history and from what the plans say that they changed.

use std::collections::{BTreeMap, BTreeSet};

use banyan::store::Store;
use sea_orm::JsonValue;
use serde_json::{Value, json};

use super::desk::{Desk, Entry};
use crate::support::Actor;

/// A unit by its code of now.
struct Unit {
    ended: bool,
    parent: Option<String>,
    /// From, to and parent.
    eras: Vec<(i64, Option<i64>, Option<String>)>,
    current: Value,
    reported: Value,
}

type Units = BTreeMap<String, Unit>;

/// An initiative as it was acknowledged, with where and when it was sent in.
struct Found {
    entry: Entry,
    unit: String,
    submitted: Option<i64>,
}

/// Compares everything, as the members and a reader of the whole tree see it.
pub async fn compare(desk: &Desk, members: &[Actor], reader: &Actor, seats: &BTreeMap<String, String>) {
    let units = units(desk, reader).await;
    let mut found = Vec::new();
    for (n, member) in members.iter().enumerate() {
        let own: Vec<Entry> = desk.entries.lock().unwrap().iter().filter(|entry| entry.member == n).cloned().collect();
        found.extend(initiatives(member, own).await);
    }
    let mut current: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    let mut reported: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for one in &found {
        let Some(at) = one.submitted else { continue };
        let seat = if units[&one.unit].ended { &seats[&one.unit] } else { &one.unit };
        for up in way(&units, seat, |unit| unit.parent.clone()) {
            current.entry(up).or_default().push(one);
        }
        for up in way(&units, &one.unit, |unit| parent_at(unit, at)) {
            reported.entry(up).or_default().push(one);
        }
    }
    let none = Vec::new();
    for (code, unit) in &units {
        assert_eq!(unit.current, sums(current.get(code.as_str()).unwrap_or(&none)), "{code} now");
        assert_eq!(unit.reported, sums(reported.get(code.as_str()).unwrap_or(&none)), "{code} as reported");
    }
}

fn way<'a>(units: &'a Units, from: &'a str, above: impl Fn(&Unit) -> Option<String>) -> Vec<&'a str> {
    let mut way = vec![from];
    while let Some(parent) = above(&units[way[way.len() - 1]]) {
        let (code, _) = units.get_key_value(&parent).unwrap();
        assert!(!way.contains(&code.as_str()), "{code} stands below itself");
        way.push(code);
    }
    way
}

fn parent_at(unit: &Unit, at: i64) -> Option<String> {
    let era = unit.eras.iter().find(|(from, to, _)| *from <= at && to.is_none_or(|to| at < to));
    era.expect("it lived when something was sent in there").2.clone()
}

fn sums(of: &[&Found]) -> Value {
    let count = |states: &[&str]| of.iter().filter(|one| states.contains(&one.entry.state)).count();
    let counting = ["SUBMITTED", "RETURNED", "APPROVED", "REJECTED", "REVOKED"];
    let claims = of.iter().filter(|one| ["SUBMITTED", "RETURNED", "APPROVED"].contains(&one.entry.state));
    let approved = of.iter().filter(|one| one.entry.state == "APPROVED");
    let persons: BTreeSet<usize> =
        of.iter().filter(|one| counting.contains(&one.entry.state)).map(|one| one.entry.member).collect();
    json!({
        "submitted": count(&counting), "pending": count(&["SUBMITTED"]), "approved": count(&["APPROVED"]),
        "rejected": count(&["REJECTED"]), "participants": persons.len(),
        "claimedBenefit": claims.map(|one| one.entry.claim).sum::<i64>().to_string(),
        "verifiedBenefit": approved.map(|one| one.entry.verified).sum::<i64>().to_string(),
    })
}

fn millis(value: &Value) -> Option<i64> {
    value.as_str().map(|text| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
}

/// Every unit that there ever was, with what it is told to have.
async fn units(desk: &Desk, reader: &Actor) -> Units {
    const MEASURES: &str = "submitted pending approved rejected participants claimedBenefit verifiedBenefit";
    let codes: BTreeSet<String> = desk.codes.lock().unwrap().iter().cloned().collect();
    let mut units = Units::new();
    for code in codes.iter().map(String::as_str).chain([crate::support::ROOT]) {
        let programme = desk.programme;
        let document = format!(
            "{{ unit(code: \"{code}\") {{ code parent {{ code }} dissolvedOn history {{ from to parent {{ code }} }} \
             current: rollup(programme: \"{programme}\") {{ {MEASURES} }} \
             reported: rollup(programme: \"{programme}\", structure: AS_REPORTED) {{ {MEASURES} }} }} }}"
        );
        let reply = reader.query(&document, json!({})).await.ok();
        // A code that somebody was refused.
        let Some(_) = reply.at("/unit").as_object() else { continue };
        let parent = |value: &Value| value["parent"]["code"].as_str().map(str::to_owned);
        let eras = reply.list("/unit/history").iter();
        let unit = Unit {
            ended: !reply.at("/unit/dissolvedOn").is_null(),
            parent: parent(reply.at("/unit")),
            eras: eras.map(|era| (millis(&era["from"]).unwrap(), millis(&era["to"]), parent(era))).collect(),
            current: reply.at("/unit/current").clone(),
            reported: reply.at("/unit/reported").clone(),
        };
        units.insert(reply.text("/unit/code").to_owned(), unit);
    }
    units
}

/// Where the records of units that have ended went, by what plans say that they made of them.
pub async fn seats(store: &Store) -> BTreeMap<String, String> {
    let tx = store.read().await.unwrap();
    let rows: Vec<JsonValue> = tx.all(tx.sql("SELECT id, code FROM unit")).await.unwrap();
    let codes: BTreeMap<i64, String> =
        rows.iter().map(|row| (row["id"].as_i64().unwrap(), row["code"].as_str().unwrap().to_owned())).collect();
    let changes = "SELECT c.unit_id, c.became FROM reorganisation_change c JOIN reorganisation r ON r.id = c.reorganisation_id \
                   WHERE r.applied_at IS NOT NULL ORDER BY r.applied_at";
    let rows: Vec<JsonValue> = tx.all(tx.sql(changes)).await.unwrap();
    let mut seats = BTreeMap::new();
    for row in rows {
        let became: Value = serde_json::from_str(row["became"].as_str().unwrap()).unwrap();
        let unit = &codes[&row["unit_id"].as_i64().unwrap()];
        seats.insert(unit.clone(), codes[&became["seat"].as_i64().unwrap()].clone());
    }
    seats
}

/// The member's initiatives: each has what was acknowledged, in its place, and beside it only what a plan did to drafts.
async fn initiatives(member: &Actor, own: Vec<Entry>) -> Vec<Found> {
    let mut found = Vec::new();
    let total = member.query("{ viewer { initiatives(first: 1) { totalCount } } }", json!({})).await.ok();
    assert_eq!(total.int("/viewer/initiatives/totalCount"), own.len() as i64);
    for entry in own {
        let document = format!(
            "{{ initiative(code: \"{}\") {{ version state submittedAt unit {{ code }} events(first: 100) {{ nodes {{ action }} }} }} }}",
            entry.code
        );
        let reply = member.query(&document, json!({})).await.ok();
        let actions = reply.texts("/initiative/events/nodes", "action");
        assert_eq!(reply.int("/initiative/version"), actions.len() as i64);
        let told = format!("{entry:?}: {}", reply.body);
        assert_eq!(reply.text("/initiative/state"), entry.state, "{told}");
        for (version, action) in (1..).zip(&actions) {
            match entry.acts.get(&version) {
                Some(act) => assert_eq!(action, act, "version {version} of {told}"),
                None => assert_eq!(action, "EDIT", "nobody did version {version} of {told}"),
            }
        }
        assert!(entry.acts.keys().all(|version| *version <= actions.len() as i64), "{told}");
        let submitted = millis(reply.at("/initiative/submittedAt"));
        found.push(Found { unit: reply.text("/initiative/unit/code").to_owned(), submitted, entry });
    }
    found
}

//! Hostile input: every member of every mutation's input, and every argument of every query, in every form that it should not
//! have. Each is answered clearly, and none changes anything.

mod queries;
mod raw;
mod values;

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, InputValueDefinition, Type, TypeKind, TypeSystemDefinition};
use serde_json::{Value, json};

use crate::access::{Cast, WRITES, Who};
use crate::support::{Outcome, Setup, TestApp, both};
use values::{hostile, long};

const TABLES: [&str; 32] = [
    "account",
    "account_identity",
    "account_password",
    "bloc",
    "cluster",
    "cluster_member",
    "idempotency_key",
    "initiative",
    "initiative_author",
    "initiative_event",
    "one_time_token",
    "participant",
    "participant_group",
    "phase",
    "programme",
    "programme_bloc",
    "refresh_token",
    "role_grant",
    "rollup_cell",
    "rollup_delta",
    "rollup_own",
    "rollup_person",
    "session",
    "sign_in_throttle",
    "target",
    "target_event",
    "token",
    "tree",
    "unit",
    "unit_closure",
    "unit_name",
    "unit_placement",
];

/// How many rows each table has, and how often initiatives and the tree were changed. Of a server that does not fold meanwhile.
pub async fn counts(app: &TestApp) -> Vec<i64> {
    let tx = app.app.store.read().await.unwrap();
    let counted = TABLES.map(|table| format!("SELECT CAST(COUNT(*) AS BIGINT) AS id FROM {table}"));
    let summed = ["initiative", "tree"]
        .map(|table| format!("SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) AS id FROM {table}"));
    let mut counts = Vec::new();
    for text in counted.into_iter().chain(summed) {
        counts.extend(tx.ids(tx.sql(text)).await.unwrap());
    }
    counts
}

/// The input types of the schema, by name.
pub struct Inputs(HashMap<String, Vec<InputValueDefinition>>);

impl Inputs {
    pub fn of_the_server() -> Inputs {
        let mut inputs = HashMap::new();
        for definition in parse_schema(banyan::graphql::sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            if let TypeKind::InputObject(input) = definition.node.kind {
                let fields = input.fields.into_iter().map(|field| field.node).collect();
                inputs.insert(definition.node.name.node.to_string(), fields);
            }
        }
        Inputs(inputs)
    }

    /// The good input, once for every way in which one member of it can be bad. Says which member it was.
    fn spoiled(&self, cast: &Cast, input: &str, good: &Value) -> Vec<(String, Value)> {
        let mut all = vec![("an unknown member".to_owned(), with(good, "nope", json!(1)))];
        for field in &self.0[input] {
            let name = field.name.node.as_str();
            let required = !field.ty.node.nullable && field.default_value.is_none();
            if required {
                all.push((format!("{name} left out"), without(good, name)));
                all.push((format!("{name} null"), with(good, name, Value::Null)));
            }
            all.extend(
                self.values(cast, name, &field.ty.node, good.get(name))
                    .into_iter()
                    .map(|(what, value)| (what, with(good, name, value))),
            );
        }
        all
    }

    fn values(&self, cast: &Cast, name: &str, ty: &Type, good: Option<&Value>) -> Vec<(String, Value)> {
        let required = !ty.nullable;
        match &ty.base {
            BaseType::List(inner) => {
                let one = good.and_then(|list| list.get(0));
                let mut all: Vec<(String, Value)> = self
                    .values(cast, name, inner, one)
                    .into_iter()
                    .map(|(what, value)| (what, json!([value])))
                    .collect();
                all.push((format!("{name} of null"), json!([null])));
                all.push((format!("{name} in lists"), json!([[[1]]])));
                // An optional list may be empty.
                all.extend(required.then(|| (format!("no {name}"), json!([]))));
                all
            }
            BaseType::Named(ty) if self.0.contains_key(ty.as_str()) => {
                let good = good.cloned().unwrap_or_else(|| match ty.as_str() {
                    "AuthorInput" => json!({ "account": cast.get(Who::Member).id(), "share": 10 }),
                    _ => json!({}),
                });
                self.spoiled(cast, ty, &good)
                    .into_iter()
                    .map(|(what, value)| (format!("{name}.{what}"), value))
                    .collect()
            }
            BaseType::Named(ty) => {
                let mut all = hostile(ty);
                if ty.as_str() == "String" && required {
                    all.extend([json!(""), json!(" \n\t")]);
                }
                all.into_iter().map(|value| (format!("{name} = {}", clip(&value)), value)).collect()
            }
        }
    }
}

fn clip(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[name] = value;
    object
}

fn without(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(name);
    object
}

both!(with Setup::unfolded(); async fn no_mutation_takes_what_it_should_not(app: &TestApp) {
    let (cast, inputs) = (Cast::assemble(app).await, Inputs::of_the_server());
    let mut wrong = Vec::new();
    // Some are written down because nobody may do them.
    for write in WRITES.iter().filter(|write| write.allowed != Who::Nobody) {
        let good: Value = serde_json::from_str(&cast.fill(write.input)).unwrap();
        let actor = cast.get(write.allowed);
        let bulk = write.name.starts_with("initiatives");
        let changed = if bulk { "results { userErrors { code } }" } else { "__typename" };
        let input = format!("{}{}Input", write.name[..1].to_uppercase(), &write.name[1..]);
        let before = counts(app).await;
        for (what, bad) in inputs.spoiled(&cast, &input, &good) {
            let reply = actor.mutate(write.name, bad, changed).await;
            let items_refused = || reply.body["data"][write.name]["results"][0]["userErrors"][0].is_object();
            let refused = match reply.outcome() {
                Outcome::Done => bulk && items_refused(),
                Outcome::Refused(_) => true,
                Outcome::Failed(code) => code != "INTERNAL" && code != "no code",
            };
            if !refused || reply.status != 200 {
                wrong.push(format!("{} with {what}: {} {}", write.name, reply.status, reply.body));
            }
        }
        if counts(app).await != before {
            wrong.push(format!("{} has changed something", write.name));
        }
        // Nothing but the one member was wrong.
        let outcome = actor.mutate(write.name, good, changed).await.outcome();
        if outcome != Outcome::Done {
            wrong.push(format!("{} was not done at last: {outcome:?}", write.name));
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
});

both!(with Setup::unfolded(); async fn each_fault_has_its_code_and_its_field(app: &TestApp) {
    let cast = Cast::assemble(app).await;
    let draft: Value = serde_json::from_str(WRITES.iter().find(|write| write.name == "initiativeDraft").unwrap().input).unwrap();
    let unit = json!({ "code": "N1", "name": "Mới", "kind": "GRASSROOTS_UNION", "parent": "P01" });
    let author = |share: Value| json!([{ "account": cast.get(Who::Member).id(), "share": share }]);
    let target = json!({ "unit": "P01", "programme": "SK", "kind": "REGISTERED", "value": 1 });
    let unit_move = |unit: &str, parent: &str| json!({ "unit": unit, "parent": parent });
    for (who, mutation, input, code, field) in [
        (Who::Author, "initiativeDraft", with(&draft, "title", json!(" ")), "REQUIRED", "title"),
        (Who::Author, "initiativeDraft", with(&draft, "title", json!("a\0b")), "INVALID", "title"),
        (Who::Author, "initiativeDraft", with(&draft, "title", json!(long())), "TOO_LONG", "title"),
        (Who::Author, "initiativeDraft", with(&draft, "phase", json!("9")), "UNKNOWN_CODE", "phase"),
        (Who::Author, "initiativeDraft", with(&draft, "group", json!("Z")), "UNKNOWN_CODE", "group"),
        (Who::Author, "initiativeDraft", with(&draft, "claimedBenefit", json!(-1)), "OUT_OF_RANGE", "claimedBenefit"),
        (Who::Author, "initiativeDraft", with(&draft, "claimedBenefit", json!(10_000_000_000_001_i64)), "OUT_OF_RANGE", "claimedBenefit"),
        (Who::Author, "initiativeDraft", with(&draft, "coAuthors", author(json!(100))), "SHARES", "coAuthors.0.share"),
        (Who::Author, "initiativeDraft", with(&draft, "coAuthors", author(json!(0.001))), "SHARES", "coAuthors.0.share"),
        (Who::Author, "initiativeDraft", with(&draft, "coAuthors", json!([{ "account": "x", "share": 1 }])), "UNKNOWN_CODE",
         "coAuthors.0.account"),
        (Who::Author, "initiativeDraft", with(&draft, "coAuthors", json!([{ "account": cast.get(Who::Author).id(), "share": 1 }])), "INVALID",
         "coAuthors.0.account"),
        (Who::Author, "initiativeDraft", with(&draft, "idempotencyKey", json!("")), "REQUIRED", "idempotencyKey"),
        (Who::Author, "initiativeDraft", with(&draft, "idempotencyKey", json!("k".repeat(201))), "TOO_LONG", "idempotencyKey"),
        (Who::Admin, "unitCreate", with(&unit, "code", json!("a b")), "INVALID", "code"),
        (Who::Admin, "unitCreate", with(&unit, "code", json!("G1")), "CODE_NOT_AVAILABLE", "code"),
        (Who::Admin, "unitCreate", with(&unit, "kind", json!("PROVINCIAL_FEDERATION")), "ILLEGAL_PARENT", "parent"),
        (Who::Admin, "unitCreate", with(&unit, "coordinator", json!("C01")), "ILLEGAL_PARENT", "coordinator"),
        (Who::Admin, "unitCreate", with(&unit, "bloc", json!("NOPE")), "UNKNOWN_CODE", "bloc"),
        (Who::Admin, "unitCreate", with(&unit, "establishedOn", json!("9999-12-31")), "OUT_OF_RANGE", "establishedOn"),
        (Who::Admin, "targetSet", with(&target, "value", json!(0)), "OUT_OF_RANGE", "value"),
        (Who::Admin, "targetSet", with(&target, "phase", json!("9")), "UNKNOWN_CODE", "phase"),
        (Who::Admin, "unitMove", unit_move("Z1", "L1"), "ILLEGAL_PARENT", "parent"),
        (Who::Reviewer, "initiativeApprove", json!({ "id": cast.fill("<sent>"), "version": i32::MAX, "verifiedBenefit": 1 }), "STALE_VERSION",
         "version"),
        (Who::Reviewer, "initiativeApprove", json!({ "id": cast.fill("<sent>"), "version": 2 }), "REQUIRED", "verifiedBenefit"),
        (Who::Reviewer, "initiativeReject", json!({ "id": cast.fill("<sent>"), "version": 2, "reason": "OTHER" }), "REQUIRED", "note"),
        (Who::Reviewer, "initiativeRevoke", json!({ "id": cast.fill("<sent>"), "version": 2, "reason": "NOT_NEW" }), "ILLEGAL_STATE", "id"),
    ] {
        let before = counts(app).await;
        let reply = cast.get(who).mutate(mutation, input.clone(), "__typename").await;
        assert!(reply.user_errors().contains(&(code.to_owned(), field.to_owned())), "{mutation} {}: {}", clip(&input), reply.body);
        assert_eq!(counts(app).await, before, "{mutation} {}", clip(&input));
    }
});

// A union may stand below another of its kind's kind, so only the circle is wrong.
both!(with Setup::unfolded(); async fn nothing_stands_below_itself(app: &TestApp) {
    app.small_federation().await;
    app.plant(&[("M1", "MEMBER_GRASSROOTS_UNION", "G1"), ("D1", "DEPARTMENTAL_UNION", "M1"), ("T1", "UNION_TEAM", "D1")]).await;
    let top = app.admin_of("TLD").await;
    let before = counts(app).await;
    for (unit, parent) in [("G1", "G1"), ("P01", "P01"), ("TLD", "TLD"), ("TLD", "P01"), ("P01", "G1"), ("G1", "T1"), ("M1", "D1"), ("D1", "T1")] {
        let reply = top.mutate("unitMove", json!({ "unit": unit, "parent": parent }), "unit { id }").await;
        assert_ne!(reply.outcome(), Outcome::Done, "{unit} below {parent}");
        assert_eq!(counts(app).await, before, "{unit} below {parent}");
    }
    let reply = top.mutate("unitMove", json!({ "unit": "G1", "parent": "M1" }), "unit { id }").await;
    assert!(reply.user_errors().contains(&("CYCLE".to_owned(), "parent".to_owned())), "{}", reply.body);
});

//! What a person does about himself, and others about him: changing, exporting, erasing.

use banyan::access::Roles;
use entity::enums::Role::{Admin, Member, Operator, Reviewer};
use serde_json::{Value, json};

use super::grants::{give, grants};
use super::invite::set;
use crate::identity::{GOOD, sign_in, try_sign_in, with_password};
use crate::support::{Actor, Outcome, ROOT, Reply, both};

const ALL: &str = "account { displayName email phone consent }";

async fn erase(by: &Actor, id: &str) -> Reply {
    by.mutate("accountErase", json!({ "id": id }), "id").await
}

async fn export(by: &Actor, id: &str) -> Reply {
    by.mutate("accountExport", json!({ "id": id }), "document").await
}

both!(
    async fn a_person_changes_what_is_his(app: &TestApp) {
        app.small_federation().await;
        let (person, other) = (app.member_of("G1").await, app.member_of("G3").await);
        set(app, &other, "email = 'taken@example.org', phone = '+84911222333'").await;
        let change = json!({ "displayName": " Trần Thị B ", "email": "B@Example.org", "phone": "0912 000 111", "consent": true });
        let reply = person.mutate("accountUpdate", change, ALL).await.done();
        let whole =
            json!({ "displayName": "Trần Thị B", "email": "b@example.org", "phone": "+84912000111", "consent": true });
        assert_eq!(reply.at("/accountUpdate/account"), &whole);
        // What is left out stays; null goes; one's own again is no conflict.
        let reply =
            person.mutate("accountUpdate", json!({ "phone": null, "email": "b@example.org" }), ALL).await.done();
        assert_eq!(reply.at("/accountUpdate/account/phone"), &Value::Null);
        assert_eq!(reply.at("/accountUpdate/account/displayName"), "Trần Thị B");
        for (change, error) in [
            (json!({ "email": "TAKEN@example.org" }), ("CODE_NOT_AVAILABLE", "email")),
            (json!({ "phone": "0911222333" }), ("CODE_NOT_AVAILABLE", "phone")),
            (json!({ "displayName": " " }), ("REQUIRED", "displayName")),
            (json!({ "email": "x" }), ("INVALID", "email")),
        ] {
            let reply = person.mutate("accountUpdate", change, ALL).await;
            assert_eq!(reply.user_errors(), [(error.0.to_owned(), error.1.to_owned())]);
        }
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let named = app.bearer(&sign_in(app, "lan@example.org", GOOD).await.access);
        let blank = json!({ "email": null, "currentPassword": GOOD });
        let reply = named.mutate("accountUpdate", blank, ALL).await;
        assert_eq!(reply.user_errors(), [("REQUIRED".to_owned(), "email".to_owned())]);
        let token = app.api_token(&person, Roles::ALL, None).await;
        let reply = token.mutate("accountUpdate", json!({ "consent": false }), ALL).await;
        assert_eq!(reply.outcome(), Outcome::failed("FORBIDDEN"));
    }
);

both!(
    async fn whoever_has_a_password_gives_it_to_change_an_address(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let here = app.bearer(&sign_in(app, "lan@example.org", GOOD).await.access);
        let update = async |change: Value| here.mutate("accountUpdate", change, ALL).await;
        let refused = |code: &str| [(code.to_owned(), "currentPassword".to_owned())];
        let moved = json!({ "email": "thief@example.org", "idempotencyKey": "k" });
        for change in [moved, json!({ "phone": "0912000111" }), json!({ "email": null, "phone": "0912000111" })] {
            assert_eq!(update(change.clone()).await.user_errors(), refused("REQUIRED"), "{change}");
        }
        let with =
            |email: &str, password: &str| json!({ "email": email, "currentPassword": password, "idempotencyKey": "k" });
        assert_eq!(update(with("mai@example.org", "not this one")).await.user_errors(), refused("WRONG_CREDENTIALS"));
        // What is no address needs none: a name, an address that stays.
        update(json!({ "displayName": "Lan", "email": "LAN@example.org" })).await.done();
        // Neither refusal was kept under the key.
        let reply = update(with("mai@example.org", GOOD)).await.done();
        assert_eq!(reply.at("/accountUpdate/account/email"), "mai@example.org");
        sign_in(app, "mai@example.org", GOOD).await;
        assert_eq!(try_sign_in(app, "lan@example.org", GOOD).await.outcome(), Outcome::refused(&["WRONG_CREDENTIALS"]));
    }
);

both!(
    async fn the_password_is_not_guessed_by_changing_an_address(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let here = app.bearer(&sign_in(app, "lan@example.org", GOOD).await.access);
        let change = json!({ "currentPassword": "not this one", "newPassword": "nước chảy đá mòn mãi" });
        for _ in 0..5 {
            let wrong = here.mutate("passwordChange", change.clone(), "__typename").await;
            assert_eq!(wrong.outcome(), Outcome::refused(&["WRONG_CREDENTIALS"]));
        }
        let update = json!({ "email": "mai@example.org", "currentPassword": GOOD });
        let held = here.mutate("accountUpdate", update.clone(), ALL).await;
        assert_eq!(held.outcome(), Outcome::failed("RATE_LIMITED"));
        app.pass(1);
        here.mutate("accountUpdate", update, ALL).await.done();
    }
);

both!(
    async fn only_authority_over_all_roles_reaches_a_person(app: &TestApp) {
        app.small_federation().await;
        let both = app.person(ROOT, &[(ROOT, Operator), (ROOT, Admin)]).await;
        app.person(ROOT, &[(ROOT, Operator), (ROOT, Admin)]).await;
        let (top, p01, p02, g1) =
            (app.admin_of(ROOT).await, app.admin_of("P01").await, app.admin_of("P02").await, app.admin_of("G1").await);
        app.admin_of("G1").await;
        let (reviewer, member) = (app.reviewer_of("G1").await, app.member_of("G1").await);
        // Of G1, with a role in P02 too.
        let abroad = app.person("G1", &[("G1", Member), ("G3", Reviewer)]).await;
        let operator = app.person("G1", &[("G1", Member), (ROOT, Operator)]).await;
        let (done, not_found, forbidden) = (Outcome::Done, Outcome::failed("NOT_FOUND"), Outcome::failed("FORBIDDEN"));
        for (who, by, of, expected) in [
            ("a colleague", &reviewer, &member, &not_found),
            ("an admin beside", &p02, &member, &not_found),
            ("his admin", &g1, &member, &done),
            ("an admin above", &p01, &member, &done),
            ("the root's admin", &top, &member, &done),
            ("himself", &member, &member, &done),
            ("an admin with part of the roles", &g1, &abroad, &forbidden),
            ("the other part's admin", &p02, &abroad, &forbidden),
            ("an admin above both", &top, &abroad, &done),
            ("an admin over an operator", &top, &operator, &forbidden),
            ("an operator who is an admin", &both, &operator, &done),
            ("an admin below", &g1, &p01, &not_found),
            ("an admin beside himself", &p01, &p01, &done),
        ] {
            assert_eq!(export(by, of.id()).await.outcome(), *expected, "{who}");
            if *expected != done {
                assert_eq!(erase(by, of.id()).await.outcome(), *expected, "{who}");
            }
        }
        for actor in [app.api_token(&top, Roles::ALL, None).await, app.api_token(&member, Roles::ALL, None).await] {
            assert_eq!(export(&actor, member.id()).await.outcome(), forbidden);
            assert_eq!(erase(&actor, member.id()).await.outcome(), forbidden);
        }
    }
);

both!(
    async fn an_erased_person_leaves_every_count_behind(app: &TestApp) {
        app.small_federation().await;
        let (person, other) = (app.person("G1", &[("G1", Member), ("G2", Member)]).await, app.member_of("G1").await);
        set(
            app,
            &person,
            "email = 'gone@example.org', phone = '+84911222333', consent = TRUE, display_name = 'Tên Sẽ Mất'",
        )
        .await;
        let (admin, reviewer) = (app.admin_of("P01").await, app.reviewer_of("P01").await);
        let author = json!({ "coAuthors": [{ "account": other.id(), "share": 30 }] });
        let alone = person.draft("G1", json!({ "title": "Bí mật riêng", "summary": "Bí mật riêng" })).await;
        let shared = person.draft("G1", json!({ "title": "Bản thảo chung", "coAuthors": author["coAuthors"] })).await;
        let sent = person.send_in("G1", author.clone()).await;
        let approved = person.send_in("G2", json!({})).await;
        reviewer.act("initiativeApprove", &approved, json!({ "verifiedBenefit": 5 })).await.done();
        let counts =
            "{ unit(code: \"TLD\") { rollup(programme: \"SK\") { submitted approved pending participants claimedBenefit
            breakdown(by: [CHILD]) { submitted participants } } } }";
        let top = app.analyst_of(ROOT).await;
        let before = top.query(counts, json!({})).await.ok();
        assert_eq!(before.int("/unit/rollup/participants"), 2);
        let events = "query($id: ID!) { node(id: $id) { ... on Initiative { events(first: 9) { nodes { action at } } authors { share account { displayName } } } } }";
        let told = top.query(events, json!({ "id": sent.id })).await.ok();
        assert_eq!(told.at("/node/authors/0/account/displayName"), "Tên Sẽ Mất");

        let token = app.api_token(&person, Roles::ALL, None).await;
        assert_eq!(erase(&admin, person.id()).await.done().text("/accountErase/id"), person.id());

        assert_eq!(top.query(counts, json!({})).await.ok().body, before.body);
        let after = top.query(events, json!({ "id": sent.id })).await.ok();
        assert_eq!(after.at("/node/events"), told.at("/node/events"));
        assert_eq!(after.at("/node/authors/0"), &json!({ "share": 70.0, "account": null }));
        // Nobody comes in by it, and nobody finds it.
        for gone in [&person, &token] {
            let reply = gone.query("{ viewer { account { id } } }", json!({})).await;
            assert_eq!((reply.status, reply.codes()), (401, vec!["UNAUTHENTICATED"]));
        }
        assert_eq!(erase(&admin, person.id()).await.outcome(), Outcome::failed("NOT_FOUND"));
        assert_eq!(give(&admin, &person, "G1", Member).await.outcome(), Outcome::failed("NOT_FOUND"));
        let mention =
            crate::support::draft_input("G1", json!({ "coAuthors": [{ "account": person.id(), "share": 10 }] }));
        let reply = other.mutate("initiativeDraft", mention, "initiative { id }").await;
        assert_eq!(reply.outcome(), Outcome::refused(&["UNKNOWN_CODE"]));
        // His address is free; the draft of his own has no words left, the common one stays for the other author.
        other.mutate("accountUpdate", json!({ "email": "gone@example.org" }), ALL).await.done();
        let mine = other
            .query("query($code: String!) { initiative(code: $code) { title } }", json!({ "code": shared.code }))
            .await
            .ok();
        assert_eq!(mine.at("/initiative/title"), "Bản thảo chung");
        let tx = app.app.store.read().await.unwrap();
        let left =
            |table: &str| format!("SELECT id FROM {table} WHERE title LIKE '%Bí mật%' OR summary LIKE '%Bí mật%'");
        assert_eq!(tx.ids(tx.sql(left("initiative"))).await.unwrap(), Vec::<i64>::new(), "{}", alone.code);
        let named = "SELECT id FROM account WHERE display_name LIKE '%Tên%' OR email = 'gone@example.org' AND erased_at IS NOT NULL";
        assert_eq!(tx.ids(tx.sql(named)).await.unwrap(), Vec::<i64>::new());
    }
);

both!(
    async fn a_person_erases_himself_unless_he_is_the_last_admin(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        assert_eq!(erase(&admin, admin.id()).await.outcome(), Outcome::refused(&["LAST_ADMIN"]));
        assert_eq!(grants(&admin).await.len(), 1);
        let reply = admin
            .mutate("accountErase", json!({ "id": admin.id(), "evenIfLast": true, "idempotencyKey": "k" }), "id")
            .await;
        reply.done();
        assert_eq!(admin.query("{ __typename }", json!({})).await.status, 401);
    }
);

both!(
    async fn an_export_has_everything_and_no_secret(app: &TestApp) {
        app.small_federation().await;
        let person = app.person("G1", &[("G1", Member), ("P01", Admin)]).await;
        set(app, &person, "email = 'a@example.org', consent = TRUE").await;
        let sent = person.send_in("G1", json!({ "title": "Cải tiến lò" })).await;
        app.api_token(&person, Roles::ALL, Some("G1")).await;
        let target = json!({ "unit": "G1", "programme": "SK", "kind": "PLANNED", "value": 5 });
        person.mutate("targetSet", target, "target { id }").await.done();
        let reply = export(&person, person.id()).await.done();
        let text = reply.text("/accountExport/document");
        let document: Value = serde_json::from_str(text).unwrap();
        assert_eq!(document["account"]["email"], "a@example.org");
        assert_eq!(document["account"]["consent"], true);
        assert_eq!(document["account"]["unit"], "G1");
        assert_eq!(document["account"]["createdAt"], "2026-03-02T09:00:00+07:00");
        assert_eq!(document["grants"].as_array().unwrap().len(), 2);
        assert_eq!(document["tokens"].as_array().unwrap().len(), 2);
        assert_eq!(document["sessions"].as_array().unwrap().len(), 1);
        assert_eq!(document["initiatives"][0]["code"], sent.code.as_str());
        assert_eq!(document["initiatives"][0]["benefitNotComputable"], false);
        assert_eq!(document["initiatives"][0]["title"], "Cải tiến lò");
        assert_eq!(document["participations"].as_array().unwrap().len(), 1);
        assert_eq!(document["events"].as_array().unwrap().len(), 2);
        assert_eq!(document["targets"][0]["value"], 5);
        assert!(document["audit"].as_array().unwrap().iter().any(|line| line["action"] == "initiativeSubmit"));
        assert!(!text.contains("hash") && !text.contains("byn"), "{text}");
    }
);

/// Columns of tables that name a person, and what becomes of them. A new one needs a place in the export and in the erasure, or
/// a reason.
const NAMING: &[(&str, &str)] = &[
    ("account_identity.account_id", "exported, erased"),
    ("account_password.account_id", "exported, erased"),
    ("audit_entry.actor_id", "exported; stays under the number, the log is append-only"),
    ("audit_salt.account_id", "erased: the hashes in the log mean nothing then"),
    ("idempotency_key.account_id", "exported, erased"),
    ("initiative.first_author_id", "exported as an author; stays, it counts"),
    ("initiative_author.account_id", "exported; stays, it counts"),
    ("initiative_event.by_id", "exported; stays, no event is changed"),
    ("invitation.account_id", "exported, erased"),
    ("invitation.invited_by", "about the invited person; a number"),
    ("one_time_token.account_id", "exported, erased"),
    ("one_time_token.made_by", "about the other person; a number"),
    ("participant.account_id", "exported; stays, it counts"),
    ("reorganisation.confirmed_by", "about the plan; stays, a number"),
    ("reorganisation.created_by", "about the plan; stays, a number"),
    ("reorganisation.proposed_by", "about the plan; stays, a number"),
    ("reorganisation.undone_by_id", "no person: the plan that took it back"),
    ("reorganisation_home.account_id", "where a plan took him from; stays, a number"),
    ("role_grant.account_id", "exported, erased"),
    ("rollup_delta.account_id", "counted from participant"),
    ("rollup_person.account_id", "counted from participant"),
    ("session.account_id", "exported, erased"),
    ("target_event.by_id", "exported; stays, no event is changed"),
    ("token.account_id", "exported, erased"),
    ("token.made_by", "himself"),
];

both!(
    async fn every_column_that_names_a_person_is_thought_of(app: &TestApp) {
        let tx = app.app.store.read().await.unwrap();
        let columns = match tx.dialect {
            banyan::store::Dialect::Sqlite => {
                "SELECT m.name || '.' || c.name AS name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
            }
            banyan::store::Dialect::Postgres => {
                "SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'public'"
            }
        };
        let rows: Vec<sea_orm::JsonValue> = tx.all(tx.sql(columns)).await.unwrap();
        let naming = |name: &&str| {
            let column = name.split('.').nth(1).unwrap();
            ["account", "author_id", "by_id", "actor", "_by"].iter().any(|part| column.contains(part))
        };
        let mut found: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).filter(naming).collect();
        found.sort_unstable();
        let known: Vec<&str> = NAMING.iter().map(|(name, _)| *name).collect();
        assert_eq!(found, known);
    }
);

both!(
    async fn nobody_tries_addresses_one_after_the_other(app: &TestApp) {
        app.small_federation().await;
        let (person, other) = (app.member_of("G1").await, app.member_of("G3").await);
        set(app, &other, "email = 'taken@example.org'").await;
        let taken = json!({ "email": "taken@example.org" });
        let own = json!({ "email": "own@example.org" });
        // What goes well in between does not begin the count anew.
        for _ in 0..4 {
            let reply = person.mutate("accountUpdate", taken.clone(), ALL).await;
            assert_eq!(reply.outcome(), Outcome::refused(&["CODE_NOT_AVAILABLE"]));
            person.mutate("accountUpdate", own.clone(), ALL).await.done();
        }
        person.mutate("accountUpdate", taken.clone(), ALL).await;
        assert_eq!(person.mutate("accountUpdate", taken, ALL).await.outcome(), Outcome::failed("RATE_LIMITED"));
        // Everything else of one's own goes on, and so do others.
        person.mutate("accountUpdate", json!({ "consent": true }), ALL).await.done();
        other.mutate("accountUpdate", json!({ "email": "else@example.org" }), ALL).await.done();
        app.pass(60);
        person.mutate("accountUpdate", json!({ "email": "else2@example.org" }), ALL).await.done();
    }
);

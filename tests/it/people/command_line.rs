//! People and tokens from the command line, by the program itself: what it does, and what it says where it does not.

use serde_json::{Value, json};

use crate::crash::banyan;
use crate::support::{Actor, Outcome, TestApp, both};

/// Runs the program on the test's database; its exit code, what it printed, and what it said beside it.
fn ran(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = banyan(&app.app.config.database_url, arguments);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What it printed where it did what it was asked.
#[track_caller]
fn done(app: &TestApp, arguments: &[&str]) -> String {
    let (code, out, said) = ran(app, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {out}{said}");
    out.trim_end().to_owned()
}

#[track_caller]
fn listed(app: &TestApp, arguments: &[&str]) -> Vec<Value> {
    serde_json::from_str(&done(app, &[arguments, &["--json"]].concat())).unwrap()
}

async fn person(app: &TestApp, unit: &str, email: &str, more: &[&str]) -> String {
    let create = ["account", "create", "--json", "--name", "Nguyễn A", "--unit", unit, "--email", email];
    let made: Value = serde_json::from_str(&done(app, &[&create, more].concat())).unwrap();
    made["id"].as_str().unwrap().to_owned()
}

async fn grants(of: &Actor) -> Vec<String> {
    let reply = of.query("{ viewer { grants { role unit { code } } } }", json!({})).await.ok();
    let text =
        |grant: &Value| format!("{} {}", grant["role"].as_str().unwrap(), grant["unit"]["code"].as_str().unwrap());
    reply.list("/viewer/grants").iter().map(text).collect()
}

both!(
    async fn people_are_listed_given_roles_exported_and_erased(app: &TestApp) {
        app.small_federation().await;
        let id = person(app, "G1", "a@example.org", &["--role", "MEMBER", "--phone", "0912345678"]).await;
        let other = person(app, "G3", "b@example.org", &["--grant", "P02:ANALYST"]).await;
        let a = app.bearer(&done(app, &["token", "create", "--account", "a@example.org"]));

        let people = listed(app, &["account", "list", "--unit", "G1"]);
        assert_eq!(people.len(), 1, "{people:?}");
        assert_eq!(people[0]["id"], id);
        assert_eq!(people[0]["grants"], "MEMBER G1");
        assert_eq!((&people[0]["email"], &people[0]["phone"]), (&json!("a@example.org"), &json!("+84912345678")));
        let all = done(app, &["account", "list"]);
        assert!(all.contains(&format!("{other}\tNguyễn A\tb@example.org\t-\tG3\tANALYST P02")), "{all}");

        // By number, by address, by id; a role is there at the next request, and gone at the next.
        let reviewer = ["--unit", "P01", "--role", "reviewer"];
        done(app, &[&["account", "grant", "--account", "0912 345 678"][..], &reviewer].concat());
        assert_eq!(grants(&a).await, ["REVIEWER P01", "MEMBER G1"]);
        let sent = app.member_of("G2").await.send_in("G2", json!({})).await;
        a.act("initiativeReturn", &sent, json!({ "note": "Bổ sung" })).await.done();
        done(app, &[&["account", "revoke", "--account", &id][..], &reviewer].concat());
        assert_eq!(grants(&a).await, ["MEMBER G1"]);

        let document: Value =
            serde_json::from_str(&done(app, &["account", "export", "--account", "a@example.org"])).unwrap();
        assert!(document.to_string().contains("+84912345678") && !document.to_string().contains("b@example.org"));
        let draft = a.draft("G1", json!({})).await;
        let printed = done(app, &["account", "erase", "--account", "a@example.org", "--yes"]);
        assert_eq!(printed, format!("erased {id}"));
        assert_eq!(a.query("{ viewer { account { id } } }", json!({})).await.status, 401);
        assert_eq!(listed(app, &["account", "list", "--unit", "G1"]), Vec::<Value>::new());
        // He is found no more, and neither is his draft.
        let (code, _, said) = ran(app, &["account", "export", "--account", "a@example.org"]);
        assert_eq!((code, said.trim()), (Some(1), "error: no account has this e-mail address, phone number or id"));
        let top = app.admin_of("TLD").await;
        let node = top.query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": draft.id })).await.ok();
        assert!(node.at("/node").is_null());
    }
);

both!(
    async fn the_last_admin_stays_unless_it_is_meant(app: &TestApp) {
        app.small_federation().await;
        person(app, "P02", "c@example.org", &["--role", "ADMIN"]).await;
        let revoke = ["account", "revoke", "--account", "c@example.org", "--unit", "P02", "--role", "ADMIN"];
        let (code, out, said) = ran(app, &revoke);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{said}");
        assert!(said.contains("P02") && said.contains("ADMIN"), "{said}");
        let (code, ..) = ran(app, &["account", "erase", "--account", "c@example.org", "--yes"]);
        assert_eq!(code, Some(1));
        done(app, &[&revoke[..], &["--even-if-last"]].concat());
        done(app, &["account", "erase", "--account", "c@example.org", "--yes"]);
    }
);

both!(
    async fn a_token_of_the_command_line_stands_for_the_person_unless_it_is_narrowed(app: &TestApp) {
        app.small_federation().await;
        person(app, "P01", "a@example.org", &["--role", "ADMIN", "--role", "ANALYST"]).await;
        let create = ["token", "create", "--account", "a@example.org"];
        let (code, secret, said) = ran(app, &[&create[..], &["--name", "máy", "--days", "1"]].concat());
        assert_eq!(code, Some(0));
        assert!(said.starts_with("holds until ") && !said.contains(secret.trim()), "{said}");
        let whole = app.bearer(secret.trim());
        let narrow =
            app.bearer(&done(app, &[&create[..], &["--role", "ANALYST", "--unit", "G1", "--name", "hẹp"]].concat()));
        let roles = app.bearer(&done(app, &[&create[..], &["--role", "ADMIN"]].concat()));

        // What needs the person: the whole token has it, tokens with roles have it not, be they all of his.
        let member = app.member_of("G1").await;
        let give = |role: &str| json!({ "account": member.id(), "unit": "G1", "role": role });
        whole.mutate("grantAdd", give("REVIEWER"), "grant { id }").await.done();
        whole.mutate("tokenCreate", json!({ "name": "Con", "roles": ["ANALYST"] }), "token { id }").await.done();
        for token in [&roles, &narrow] {
            let reply = token.mutate("grantAdd", give("ANALYST"), "grant { id }").await;
            assert_eq!(reply.outcome(), Outcome::failed("FORBIDDEN"));
        }
        roles.mutate("unitRename", json!({ "unit": "G1", "name": "Một" }), "unit { id }").await.done();
        let reply = narrow
            .query("{ unit(code: \"P01\") { viewerCan bloc } units(first: 9) { nodes { code } } }", json!({}))
            .await
            .ok();
        assert_eq!(reply.texts("/units/nodes", "code"), ["G1"]);
        let own = "{ viewer { sessions { id } tokens(first: 9) { totalCount nodes { name } } } }";
        assert_eq!(whole.query(own, json!({})).await.ok().int("/viewer/tokens/totalCount"), 4);
        assert_eq!(narrow.query(own, json!({})).await.ok().texts("/viewer/tokens/nodes", "name"), ["hẹp"]);

        let tokens = listed(app, &["token", "list", "--account", "a@example.org"]);
        assert_eq!(tokens.len(), 4);
        let of = |name: &str| tokens.iter().find(|token| token["name"] == name).unwrap().clone();
        assert_eq!((&of("máy")["roles"], &of("máy")["unit"]), (&Value::Null, &Value::Null));
        assert_eq!((&of("hẹp")["roles"], &of("hẹp")["unit"]), (&json!(["ANALYST"]), &json!("G1")));
        assert!(tokens.iter().all(|token| token["revokedAt"].is_null() && !token.to_string().contains(secret.trim())));
        let id = of("máy")["id"].as_str().unwrap().to_owned();
        assert_eq!(done(app, &["token", "revoke", "--id", &id]), format!("revoked {id}"));
        assert_eq!(whole.query("{ viewer { account { id } } }", json!({})).await.status, 401);
        assert_eq!(roles.query("{ viewer { account { id } } }", json!({})).await.status, 200);
        let text = done(app, &["token", "list"]);
        assert!(text.lines().any(|line| line.starts_with(&id) && line.ends_with("\trevoked")), "{text}");
        // The program goes by the real clock, the tests' server by its own.
        assert_eq!(text.lines().filter(|line| line.ends_with("\tgood")).count(), 2, "{text}");
        let (code, _, said) = ran(app, &["token", "revoke", "--id", &id]);
        assert_eq!((code, said.trim()), (Some(1), "error: no API token that still holds has this id"));
    }
);

/// Arguments that cannot be done, the exit code, and words of what is said.
const FAULTS: &[(&[&str], i32, &[&str])] = &[
    (&["account", "create", "--name", "A", "--unit", "X9"], 1, &["X9"]),
    (
        &["account", "create", "--name", "A", "--unit", "G1", "--role", "CHAIR"],
        2,
        &["CHAIR", "MEMBER, REVIEWER, ANALYST, ADMIN, OPERATOR"],
    ),
    (&["account", "create", "--name", "A", "--unit", "G1", "--grant", "G1"], 2, &["UNIT:ROLE"]),
    (&["account", "create", "--name", "A", "--unit", "G1", "--email", "a@b"], 1, &["not an e-mail address"]),
    (&["account", "create", "--name", "A", "--unit", "G1", "--email", "a@example.org"], 1, &["e-mail"]),
    (&["account", "create", "--unit", "G1"], 2, &["--name"]),
    (&["account", "list", "--unit", "X9"], 1, &["no unit has the code \"X9\""]),
    (
        &["account", "grant", "--account", "a@example.org", "--unit", "X9", "--role", "ADMIN"],
        1,
        &["no unit has the code \"X9\""],
    ),
    (
        &["account", "grant", "--account", "a@example.org", "--unit", "G1", "--role", "CHAIR"],
        2,
        &["CHAIR", "no such role"],
    ),
    (&["account", "grant", "--account", "a@example.org", "--unit", "G1", "--role", "OPERATOR"], 1, &["root"]),
    (
        &["account", "grant", "--account", "x@example.org", "--unit", "G1", "--role", "ADMIN"],
        1,
        &["no account has this"],
    ),
    (
        &["account", "grant", "--account", "ai", "--unit", "G1", "--role", "ADMIN"],
        2,
        &["no e-mail address, phone number or account id"],
    ),
    (&["account", "grant", "--account", "a@example.org"], 2, &["--unit", "--role"]),
    (
        &["account", "revoke", "--account", "a@example.org", "--unit", "G1", "--role", "ADMIN"],
        1,
        &["does not have the role ADMIN at G1"],
    ),
    (
        &["account", "revoke", "--account", "x@example.org", "--unit", "G1", "--role", "ADMIN"],
        1,
        &["no account has this"],
    ),
    (&["account", "erase", "--account", "a@example.org"], 2, &["--yes"]),
    (&["account", "erase", "--account", "x@example.org", "--yes"], 1, &["no account has this"]),
    (&["account", "export", "--account", "x@example.org"], 1, &["no account has this"]),
    (&["account", "export"], 2, &["--account"]),
    (&["token", "create", "--account", "x@example.org"], 1, &["no account has this"]),
    (&["token", "create", "--account", "a@example.org", "--unit", "X9"], 1, &["no unit has the code \"X9\""]),
    (&["token", "create", "--account", "a@example.org", "--role", "CHAIR"], 2, &["CHAIR"]),
    (&["token", "create", "--account", "a@example.org", "--days", "0"], 2, &["0"]),
    (&["token", "create", "--account", "a@example.org", "--days", "367"], 2, &["367", "366"]),
    (
        &["token", "create", "--account", "a@example.org", "--role", "ANALYST"],
        1,
        &["does not hold ANALYST; what he holds: MEMBER at G1"],
    ),
    (
        &["token", "create", "--account", "a@example.org", "--role", "MEMBER", "--unit", "G3"],
        1,
        &["does not hold MEMBER at G3; what he holds: MEMBER at G1"],
    ),
    (
        &["token", "create", "--account", "a@example.org", "--unit", "P01"],
        1,
        &["does not hold any role at P01; what he holds: MEMBER at G1"],
    ),
    (&["token", "create", "--account", "a@example.org", "--name", ""], 1, &["name"]),
    (&["token", "create"], 2, &["--account"]),
    (&["token", "list", "--account", "x@example.org"], 1, &["no account has this"]),
    (&["token", "revoke"], 2, &["--id"]),
    (&["token", "revoke", "--id", "x"], 2, &["no id of an API token"]),
    (&["token", "revoke", "--id", "awAAAAAAAAAB"], 1, &["no API token that still holds"]),
];

both!(
    async fn what_cannot_be_done_is_told_and_changes_nothing(app: &TestApp) {
        app.small_federation().await;
        person(app, "G1", "a@example.org", &["--role", "MEMBER"]).await;
        let (before, tokens) = (done(app, &["account", "list"]), done(app, &["token", "list"]));
        let mut wrong = Vec::new();
        for (arguments, code, words) in FAULTS {
            let (found, out, said) = ran(app, arguments);
            if found != Some(*code)
                || !out.is_empty()
                || !words.iter().all(|word| said.contains(word))
                || !said.starts_with("error: ")
            {
                wrong.push(format!("{arguments:?}: {found:?}, not {code}; {out}{said}, not {words:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!((done(app, &["account", "list"]), done(app, &["token", "list"])), (before, tokens));
    }
);

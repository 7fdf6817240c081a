//! Passwords: changed, reset and set.

use std::time::Duration;

use entity::enums::{OneTimePurpose, Role};
use serde_json::{Value, json};

use super::{GOOD, TOKENS, Tokens, number, one_time, opens, sign_in, try_refresh, try_sign_in, with_password};
use crate::access::cast::sql;
use crate::support::{Actor, Outcome, ROOT, TestApp, both, letters, postman};

const NEW: &str = "nước chảy đá mòn mãi";

async fn change(actor: &Actor, from: &str, to: &str, key: Option<&str>) -> Outcome {
    let input = json!({ "currentPassword": from, "newPassword": to, "idempotencyKey": key });
    actor.mutate("passwordChange", input, "__typename").await.outcome()
}

both!(
    async fn changing_the_password_ends_all_other_sessions(app: &TestApp) {
        app.small_federation().await;
        let me = with_password(app, "G1", "lan@example.org", GOOD).await;
        let (one, two) = (sign_in(app, "lan@example.org", GOOD).await, sign_in(app, "lan@example.org", GOOD).await);
        let reset = one_time(app, &me, OneTimePurpose::PasswordReset, 3_600_000).await;
        let here = app.bearer(&one.access);
        assert_eq!(change(&here, "not this one", NEW, None).await, Outcome::refused(&["WRONG_CREDENTIALS"]));
        for weak in ["short", "password1234", "lan@example.org!!", "\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
            assert_eq!(change(&here, GOOD, weak, None).await, Outcome::refused(&["PASSWORD_TOO_WEAK"]), "{weak}");
        }
        assert!(opens(app, &two.access).await);
        // A wrong try is not kept under the key; the right one is.
        assert_eq!(change(&here, "not this one", NEW, Some("k")).await, Outcome::refused(&["WRONG_CREDENTIALS"]));
        assert_eq!(change(&here, GOOD, NEW, Some("k")).await, Outcome::Done);
        assert_eq!(change(&here, GOOD, NEW, Some("k")).await, Outcome::Done);
        assert_eq!(
            change(&here, GOOD, "một câu khác hẳn", Some("k")).await,
            Outcome::refused(&["IDEMPOTENCY_KEY_REUSED"])
        );
        assert!(opens(app, &one.access).await && !opens(app, &two.access).await);
        assert_eq!(try_refresh(app, &two.refresh, None).await.outcome(), Outcome::refused(&["SESSION_ENDED"]));
        assert_eq!(try_sign_in(app, "lan@example.org", GOOD).await.outcome(), Outcome::refused(&["WRONG_CREDENTIALS"]));
        sign_in(app, "lan@example.org", NEW).await;
        let set = json!({ "token": reset, "password": GOOD });
        let late = app.anonymous().mutate("passwordSet", set, TOKENS).await;
        assert_eq!(late.outcome(), Outcome::refused(&["TOKEN_NOT_VALID"]));
    }
);

both!(
    async fn the_present_password_is_not_guessed_by_changing_it(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let here = app.bearer(&sign_in(app, "lan@example.org", GOOD).await.access);
        for _ in 0..5 {
            assert_eq!(change(&here, "not this one", NEW, None).await, Outcome::refused(&["WRONG_CREDENTIALS"]));
        }
        assert_eq!(change(&here, GOOD, NEW, None).await, Outcome::failed("RATE_LIMITED"));
        app.pass(1);
        assert_eq!(change(&here, GOOD, NEW, None).await, Outcome::Done);
        assert_eq!(change(&app.anonymous(), GOOD, NEW, None).await, Outcome::failed("UNAUTHENTICATED"));
    }
);

both!(
    async fn a_one_time_token_is_good_once(app: &TestApp) {
        app.small_federation().await;
        let me = with_password(app, "G1", "lan@example.org", GOOD).await;
        let before = sign_in(app, "lan@example.org", GOOD).await;
        let other = one_time(app, &me, OneTimePurpose::PasswordReset, 3_600_000).await;
        let token = one_time(app, &me, OneTimePurpose::PasswordReset, 3_600_000).await;
        let set = async |token: &str, password: &str| {
            app.anonymous().mutate("passwordSet", json!({ "token": token, "password": password }), TOKENS).await
        };
        // A password that is no good leaves the token good.
        assert_eq!(set(&token, "short").await.outcome(), Outcome::refused(&["PASSWORD_TOO_WEAK"]));
        let replies = futures_util::future::join_all((0..4).map(|_| set(&token, NEW))).await;
        let done: Vec<_> = replies.iter().filter(|reply| reply.outcome() == Outcome::Done).collect();
        assert_eq!(done.len(), 1);
        let refused = Outcome::refused(&["TOKEN_NOT_VALID"]);
        assert_eq!(replies.iter().filter(|reply| reply.outcome() == refused).count(), 3);
        // It signs in; what was before is over.
        assert!(opens(app, &Tokens::of(done[0], "passwordSet").access).await);
        assert!(!opens(app, &before.access).await);
        sign_in(app, "lan@example.org", NEW).await;

        let late = one_time(app, &me, OneTimePurpose::Invitation, 1_000).await;
        app.pass(1);
        let mut answers = Vec::new();
        for token in [token.as_str(), other.as_str(), late.as_str(), "byno_nothing", "", "\0"] {
            answers.push(set(token, NEW).await.body);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    }
);

both!(
    async fn an_admin_over_all_that_a_person_holds_hands_over_a_reset(app: &TestApp) {
        app.small_federation().await;
        let me = with_password(app, "G1", "lan@example.org", GOOD).await;
        let abroad = app.person("G1", &[("G1", Role::Member), ("P02", Role::Analyst)]).await;
        let (admin, top, sibling) = (app.admin_of("P01").await, app.admin_of(ROOT).await, app.admin_of("P02").await);
        let issue = async |by: &Actor, of: &Actor, key: Option<&str>| {
            let input = json!({ "account": of.id(), "idempotencyKey": key });
            by.mutate("passwordResetIssue", input, "token expiresAt").await
        };
        assert_eq!(issue(&admin, &abroad, None).await.outcome(), Outcome::failed("FORBIDDEN"));
        issue(&top, &abroad, None).await.done();
        assert_eq!(issue(&sibling, &me, None).await.outcome(), Outcome::failed("NOT_FOUND"));
        assert_eq!(issue(&admin, &admin, None).await.outcome(), Outcome::failed("FORBIDDEN"));
        let by_token = app.api_token(&admin, banyan::access::Roles::ALL, None).await;
        assert_eq!(issue(&by_token, &me, None).await.outcome(), Outcome::failed("FORBIDDEN"));

        let issued = issue(&admin, &me, Some("k")).await.done();
        assert_eq!(issued.text("/passwordResetIssue/expiresAt"), "2026-03-02T10:00:00.000+07:00");
        // Shown once.
        let again = issue(&admin, &me, Some("k")).await.done();
        assert_eq!(again.at("/passwordResetIssue/token"), &Value::Null);
        let token = issued.text("/passwordResetIssue/token");
        app.anonymous().mutate("passwordSet", json!({ "token": token, "password": NEW }), TOKENS).await.done();
        sign_in(app, "lan@example.org", NEW).await;
    }
);

/// Runs a server with a program that sends its letters.
fn with_postman(engine: crate::support::Engine) {
    let folder = tempfile::tempdir().unwrap();
    let setup = crate::support::Setup { mail: Some(postman(folder.path())), ..Default::default() };
    crate::support::run(engine, setup, async |app| a_reset_is_mailed(app, folder.path()).await);
}

#[test]
fn a_reset_is_mailed_sqlite() {
    with_postman(crate::support::Engine::Sqlite);
}

#[test]
fn a_reset_is_mailed_postgres() {
    with_postman(crate::support::Engine::Postgres);
}

async fn a_reset_is_mailed(app: &TestApp, folder: &std::path::Path) {
    app.small_federation().await;
    let me = with_password(app, "G1", "lan@example.org", GOOD).await;
    sql(app, &format!("UPDATE account SET phone = '+84912345678' WHERE id = {}", number(&me))).await;
    let ask = async |login: &str| {
        app.anonymous().mutate("passwordResetRequest", json!({ "login": login }), "__typename").await
    };
    // The same for whoever there is not, down to being told to wait.
    let mut answers = Vec::new();
    for login in ["nobody@example.org", "lan@example.org"] {
        for _ in 0..4 {
            let reply = ask(login).await;
            answers.push((reply.status, reply.body));
        }
    }
    assert_eq!(answers[..4], answers[4..]);
    assert_eq!(answers[0].1["data"]["passwordResetRequest"]["userErrors"], json!([]));
    assert_eq!(answers[3].1["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    let wait = async {
        while letters(folder).len() < 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap();
    let sent = letters(folder);
    assert_eq!(sent.len(), 3);
    for letter in &sent {
        assert_eq!(letter["purpose"], "PASSWORD_RESET");
        assert_eq!(
            (letter["email"].as_str(), letter["phone"].as_str()),
            (Some("lan@example.org"), Some("+84912345678"))
        );
    }
    let input = json!({ "token": sent[0]["token"], "password": NEW });
    app.anonymous().mutate("passwordSet", input, TOKENS).await.done();
    sign_in(app, "lan@example.org", NEW).await;
}

both!(
    async fn somebody_invited_chooses_a_password_and_signs_in(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        let input = json!({ "displayName": "Lê Thị B", "email": "B@example.org", "unit": "G1", "roles": ["MEMBER", "REVIEWER"] });
        let invited = admin.mutate("accountInvite", input, "token").await.done();
        assert_eq!(try_sign_in(app, "b@example.org", GOOD).await.outcome(), Outcome::refused(&["WRONG_CREDENTIALS"]));
        let set = json!({ "token": invited.text("/accountInvite/token"), "password": GOOD });
        assert_eq!(app.anonymous().mutate("passwordSet", set.clone(), TOKENS).await.outcome(), Outcome::Done);
        let again = app.anonymous().mutate("passwordSet", set, TOKENS).await;
        assert_eq!(again.outcome(), Outcome::refused(&["TOKEN_NOT_VALID"]));
        let here = app.bearer(&sign_in(app, "b@example.org", GOOD).await.access);
        let viewer = here.query("{ viewer { grants { role unit { code } } } }", json!({})).await.ok();
        assert_eq!(viewer.at("/viewer/grants").as_array().map(Vec::len), Some(2), "{}", viewer.body);
    }
);

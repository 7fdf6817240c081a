//! Signing in: who is let in, what the others are told, and how often they may try.

use serde_json::{Value, json};

use super::{GOOD, number, opens, sign_in, try_sign_in, with_password};
use crate::access::cast::sql;
use crate::support::{Outcome, both};

both!(
    async fn a_person_signs_in_with_address_or_number_however_they_are_written(app: &TestApp) {
        app.small_federation().await;
        let me = with_password(app, "G1", "lan@example.org", GOOD).await;
        sql(app, &format!("UPDATE account SET phone = '+84912345678' WHERE id = {}", number(&me))).await;
        for login in ["lan@example.org", " Lan@Example.ORG ", "+84912345678", "0912 345 678", "0912.345.678"] {
            let tokens = sign_in(app, login, GOOD).await;
            let account = app.bearer(&tokens.access).query("{ viewer { account { id } } }", json!({})).await.ok();
            assert_eq!(account.text("/viewer/account/id"), me.id(), "{login}");
        }
        // The same password as another keyboard writes it.
        let apart = "tre gia\u{300}\u{a0}ma\u{306}ng mo\u{323}c le\u{302}n";
        assert!(opens(app, &sign_in(app, "lan@example.org", apart).await.access).await);
        let query = "{ viewer { sessions { device isCurrent } } }";
        let tokens = sign_in(app, "lan@example.org", GOOD).await;
        let sessions = app.bearer(&tokens.access).query(query, json!({})).await.ok();
        let listed = sessions.list("/viewer/sessions");
        assert_eq!(listed.iter().filter(|session| session["isCurrent"] == true).count(), 1);
        assert!(listed.iter().any(|session| session["device"] == "máy thử"));
    }
);

both!(
    async fn nothing_tells_whether_an_account_exists(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let silent = app.member_of("G1").await;
        sql(app, &format!("UPDATE account SET email = 'khong@example.org' WHERE id = {}", number(&silent))).await;
        let mut answers: Vec<(u16, Value)> = Vec::new();
        for (login, password) in [
            ("lan@example.org", "not the password"),
            ("lan@example.org", ""),
            ("lan@example.org", "control\u{1}character"),
            ("khong@example.org", GOOD),
            ("nobody@example.org", GOOD),
            ("+84900000000", GOOD),
            ("not a login", GOOD),
            ("", GOOD),
            ("a\0b@example.org", GOOD),
        ] {
            let reply = try_sign_in(app, login, password).await;
            answers.push((reply.status, reply.body));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        let said = &answers[0].1["data"]["signIn"];
        assert_eq!(said["userErrors"][0]["code"], "WRONG_CREDENTIALS");
        assert_eq!(said["tokens"], Value::Null);
    }
);

both!(
    async fn who_fails_too_often_waits_a_little_and_no_longer(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        // The same for a login that there is and one that there is not.
        for login in ["lan@example.org", "nobody@example.org"] {
            let mut answers = Vec::new();
            for _ in 0..6 {
                let reply = try_sign_in(app, login, "wrong password!").await;
                answers.push((reply.outcome(), reply.body["errors"][0]["extensions"]["retryAfter"].clone()));
            }
            let wrong = (Outcome::refused(&["WRONG_CREDENTIALS"]), Value::Null);
            assert_eq!(answers[..5], vec![wrong; 5][..], "{login}");
            assert_eq!(answers[5], (Outcome::failed("RATE_LIMITED"), json!(1)), "{login}");
        }
        // Even with the right password; what is held up does not count, and the pause passes.
        assert_eq!(try_sign_in(app, "lan@example.org", GOOD).await.outcome(), Outcome::failed("RATE_LIMITED"));
        app.pass(1);
        assert_eq!(
            try_sign_in(app, "lan@example.org", "wrong").await.outcome(),
            Outcome::refused(&["WRONG_CREDENTIALS"])
        );
        let held = try_sign_in(app, "lan@example.org", GOOD).await;
        assert_eq!(held.body["errors"][0]["extensions"]["retryAfter"], 2);
        for _ in 0..20 {
            app.pass(61);
            assert_eq!(
                try_sign_in(app, "lan@example.org", "wrong").await.outcome(),
                Outcome::refused(&["WRONG_CREDENTIALS"])
            );
        }
        app.pass(61);
        sign_in(app, "lan@example.org", GOOD).await;
        // A success wipes the slate, for this address.
        for _ in 0..4 {
            assert_eq!(
                try_sign_in(app, "lan@example.org", "wrong").await.outcome(),
                Outcome::refused(&["WRONG_CREDENTIALS"])
            );
        }
        sign_in(app, "lan@example.org", GOOD).await;
    }
);

both!(
    async fn attempts_at_once_are_counted_one_by_one(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let attempts = (0..20).map(|_| try_sign_in(app, "lan@example.org", "wrong password!"));
        let replies = futures_util::future::join_all(attempts).await;
        let (tried, held): (Vec<_>, Vec<_>) = replies
            .iter()
            .map(|reply| reply.outcome())
            .partition(|outcome| *outcome == Outcome::refused(&["WRONG_CREDENTIALS"]));
        assert_eq!(tried.len(), 5, "{tried:?}");
        assert!(held.iter().all(|outcome| *outcome == Outcome::failed("RATE_LIMITED")), "{held:?}");
    }
);

both!(
    async fn a_hash_with_other_parameters_is_made_anew_at_signing_in(app: &TestApp) {
        app.small_federation().await;
        let me = with_password(app, "G1", "lan@example.org", GOOD).await;
        // GOOD with m=16, t=2.
        let salt = argon2::password_hash::SaltString::encode_b64(b"muoi muoi muoi 1").unwrap();
        let params = argon2::Params::new(16, 2, 1, None).unwrap();
        let hasher = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let old = argon2::PasswordHasher::hash_password(&hasher, GOOD.as_bytes(), &salt).unwrap().to_string();
        let id = number(&me);
        sql(app, &format!("UPDATE account_password SET hash = '{old}' WHERE account_id = {id}")).await;
        let stale =
            format!("SELECT COUNT(*) AS id FROM account_password WHERE account_id = {id} AND hash LIKE '%m=16,t=2%'");
        let count = async || {
            let tx = app.app.store.read().await.unwrap();
            tx.ids(tx.sql(stale.clone())).await.unwrap()[0]
        };
        assert_eq!(count().await, 1);
        sign_in(app, "lan@example.org", GOOD).await;
        assert_eq!(count().await, 0);
        sign_in(app, "lan@example.org", GOOD).await;
    }
);

both!(
    async fn who_has_to_wait_is_told_so_by_the_status(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        for _ in 0..5 {
            try_sign_in(app, "lan@example.org", "wrong password!").await;
        }
        let document =
            "mutation { signIn(input: { login: \"lan@example.org\", password: \"x\" }) { userErrors { code } } }";
        let http = app.anonymous().http().post(app.url("/graphql")).json(&json!({ "query": document }));
        let answer = http.send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (429, "1"));
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "RATE_LIMITED", "{body}");
        // Nothing was executed: no data, and no path.
        assert!(body.get("data").is_none() && body["errors"][0].get("path").is_none(), "{body}");
        // Beside something else it is that field's error.
        let two = document
            .replace("signIn(", "a: signOut(input: { refreshToken: \"x\" }) { userErrors { code } } b: signIn(");
        let reply = app.anonymous().query(&two, json!({})).await;
        assert_eq!((reply.status, reply.codes()), (200, vec!["RATE_LIMITED"]), "{}", reply.body);
    }
);

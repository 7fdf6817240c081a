//! Sessions: refreshing, reuse, signing out, and what that ends.

use serde_json::json;

use super::{GOOD, TOKENS, Tokens, opens, sign_in, try_refresh, with_password};
use crate::support::{Outcome, TestApp, both};

const ENDED: &[&str] = &["SESSION_ENDED"];
const DAY: i64 = 24 * 3_600;

async fn refresh(app: &TestApp, of: &Tokens) -> Tokens {
    Tokens::of(&try_refresh(app, &of.refresh, None).await.done(), "sessionRefresh")
}

both!(
    async fn a_session_goes_on_by_refreshing_until_its_end(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let first = sign_in(app, "lan@example.org", GOOD).await;
        assert_eq!(first.all["accessExpiresAt"], "2026-03-02T09:15:00.000+07:00");
        assert_eq!(first.all["refreshExpiresAt"], "2026-04-01T09:00:00.000+07:00");
        app.pass(15 * 60 - 1);
        assert!(opens(app, &first.access).await);
        app.pass(1);
        assert!(!opens(app, &first.access).await);
        let mut tokens = refresh(app, &first).await;
        assert!(opens(app, &tokens.access).await);
        assert_eq!(tokens.all["session"], first.all["session"]);
        // The last tokens end with the session.
        for _ in 0..3 {
            app.pass(29 * DAY);
            tokens = refresh(app, &tokens).await;
        }
        assert_eq!(tokens.all["refreshExpiresAt"], "2026-05-31T09:00:00.000+07:00");
        app.pass(3 * DAY);
        assert_eq!(try_refresh(app, &tokens.refresh, None).await.outcome(), Outcome::refused(ENDED));
        // A refresh token that is not used ends by itself.
        let tokens = sign_in(app, "lan@example.org", GOOD).await;
        app.pass(30 * DAY);
        assert_eq!(try_refresh(app, &tokens.refresh, None).await.outcome(), Outcome::refused(ENDED));
        for bad in ["", "bynr_x", tokens.access.as_str(), "a\0b"] {
            assert_eq!(try_refresh(app, bad, None).await.outcome(), Outcome::refused(ENDED), "{bad}");
        }
    }
);

both!(
    async fn a_refresh_token_that_comes_back_ends_its_session(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let (other, first) = (sign_in(app, "lan@example.org", GOOD).await, sign_in(app, "lan@example.org", GOOD).await);
        let second = refresh(app, &first).await;
        let third = refresh(app, &second).await;
        assert!(opens(app, &third.access).await);
        assert_eq!(try_refresh(app, &first.refresh, None).await.outcome(), Outcome::refused(ENDED));
        for tokens in [&first, &second, &third] {
            assert!(!opens(app, &tokens.access).await);
            assert_eq!(try_refresh(app, &tokens.refresh, None).await.outcome(), Outcome::refused(ENDED));
        }
        // The other session has nothing to do with it.
        assert!(opens(app, &other.access).await);
        refresh(app, &other).await;
    }
);

both!(
    async fn a_refresh_whose_answer_was_lost_is_had_again_by_its_key(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let first = sign_in(app, "lan@example.org", GOOD).await;
        let with_key = async |key| try_refresh(app, &first.refresh, Some(key)).await;
        let second = Tokens::of(&with_key("k1").await.done(), "sessionRefresh");
        app.pass(60);
        // The very same.
        assert_eq!(Tokens::of(&with_key("k1").await.done(), "sessionRefresh"), second);
        assert!(opens(app, &second.access).await);
        // Not any more once they were used.
        let third = refresh(app, &second).await;
        assert_eq!(with_key("k1").await.outcome(), Outcome::refused(ENDED));
        assert!(!opens(app, &third.access).await);

        // Not with another key, not without one, not late.
        for (key, seconds) in [(Some("k2"), 0), (None, 0), (Some("k1"), 61)] {
            let first = sign_in(app, "lan@example.org", GOOD).await;
            let second = Tokens::of(&try_refresh(app, &first.refresh, Some("k1")).await.done(), "sessionRefresh");
            app.pass(seconds);
            assert_eq!(try_refresh(app, &first.refresh, key).await.outcome(), Outcome::refused(ENDED), "{key:?}");
            assert!(!opens(app, &second.access).await, "{key:?}");
        }
        let bad = try_refresh(app, &first.refresh, Some("")).await;
        assert_eq!(bad.user_errors(), [("REQUIRED".to_owned(), "idempotencyKey".to_owned())]);
    }
);

both!(
    async fn of_two_refreshes_at_once_none_makes_two_sessions(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        // Without a key the second one is a reuse.
        let first = sign_in(app, "lan@example.org", GOOD).await;
        let replies = futures_util::future::join_all((0..4).map(|_| try_refresh(app, &first.refresh, None))).await;
        let done: Vec<_> = replies.iter().filter(|reply| reply.outcome() == Outcome::Done).collect();
        assert_eq!(done.len(), 1);
        assert!(!opens(app, &Tokens::of(done[0], "sessionRefresh").access).await);
        // With the same key all have the same.
        let first = sign_in(app, "lan@example.org", GOOD).await;
        let replies = futures_util::future::join_all((0..4).map(|_| try_refresh(app, &first.refresh, Some("k")))).await;
        let tokens: Vec<Tokens> = replies.iter().map(|reply| Tokens::of(reply, "sessionRefresh")).collect();
        assert!(tokens.iter().all(|one| *one == tokens[0]));
        assert!(opens(app, &tokens[0].access).await);
    }
);

both!(
    async fn signing_out_ends_the_session_at_once(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let (one, two) = (sign_in(app, "lan@example.org", GOOD).await, sign_in(app, "lan@example.org", GOOD).await);
        // Where nothing names a session, that is said.
        let member = app.member_of("G1").await;
        let program = app.api_token(&member, banyan::access::Roles::ALL, None).await;
        for (who, outcome) in
            [(&app.anonymous(), Outcome::refused(&["REQUIRED"])), (&program, Outcome::failed("FORBIDDEN"))]
        {
            assert_eq!(who.mutate("signOut", json!({}), "__typename").await.outcome(), outcome);
            who.mutate("signOut", json!({ "refreshToken": "bynr_nothing" }), "__typename").await.done();
        }
        assert!(opens(app, &one.access).await);
        app.bearer(&one.access).mutate("signOut", json!({}), "__typename").await.done();
        assert!(!opens(app, &one.access).await && opens(app, &two.access).await);
        assert_eq!(try_refresh(app, &one.refresh, None).await.outcome(), Outcome::refused(ENDED));
        // With the refresh token alone, when the access token is over; and the same answer for what is no token.
        app.pass(3_600);
        for token in [two.refresh.as_str(), two.refresh.as_str(), "bynr_nothing", "\0"] {
            app.anonymous().mutate("signOut", json!({ "refreshToken": token }), "__typename").await.done();
        }
        assert_eq!(try_refresh(app, &two.refresh, None).await.outcome(), Outcome::refused(ENDED));
    }
);

both!(
    async fn a_session_is_revoked_from_another_and_by_its_owner_alone(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        with_password(app, "G1", "mai@example.org", GOOD).await;
        let (one, two) = (sign_in(app, "lan@example.org", GOOD).await, sign_in(app, "lan@example.org", GOOD).await);
        let other = sign_in(app, "mai@example.org", GOOD).await;
        let revoke = async |by: &Tokens, of: &Tokens| {
            app.bearer(&by.access)
                .mutate("sessionRevoke", json!({ "id": of.all["session"] }), "__typename")
                .await
                .outcome()
        };
        assert_eq!(revoke(&other, &one).await, Outcome::failed("NOT_FOUND"));
        assert!(opens(app, &one.access).await);
        assert_eq!(revoke(&two, &one).await, Outcome::Done);
        assert!(!opens(app, &one.access).await && opens(app, &two.access).await);
        let listed = app.bearer(&two.access).query("{ viewer { sessions { id } } }", json!({})).await.ok();
        let ids = listed.texts("/viewer/sessions", "id");
        assert!(!ids.contains(&one.all["session"].as_str().unwrap().to_owned()));
        assert!(ids.contains(&two.all["session"].as_str().unwrap().to_owned()));
        let nobody = app.anonymous().mutate("sessionRevoke", json!({ "id": two.all["session"] }), "__typename").await;
        assert_eq!(nobody.outcome(), Outcome::failed("UNAUTHENTICATED"));
    }
);

both!(
    async fn a_session_that_ends_while_a_write_waits_writes_nothing(app: &TestApp) {
        app.small_federation().await;
        with_password(app, "G1", "lan@example.org", GOOD).await;
        let tokens = sign_in(app, "lan@example.org", GOOD).await;
        let caller = |viewer| banyan::access::Caller { viewer, address: None, language: None, request: "test".into() };
        let viewer = banyan::account::viewer_of(&app.app, &tokens.access).await.unwrap();
        assert!(banyan::account::still_holds(&app.app, viewer).await.unwrap());
        app.bearer(&tokens.access).mutate("signOut", json!({}), "__typename").await.done();
        // As a request that was let in before, and comes to its transaction now.
        assert!(!banyan::account::still_holds(&app.app, viewer).await.unwrap());
        let command = banyan::account::SessionRevoke { id: Some(1) };
        let late = banyan::command::execute(&app.app, &caller(viewer), None, &command).await;
        assert!(matches!(late, Err(banyan::error::Error::Unauthenticated)), "{late:?}");
        let again =
            app.anonymous().mutate("signIn", json!({ "login": "lan@example.org", "password": GOOD }), TOKENS).await;
        again.done();
    }
);

//! Invitations: the same answer whoever is known already, and no way into an account that somebody has.

use entity::enums::Role::{Admin, Reviewer};
use serde_json::{Value, json};

use super::grants::{give, grants, take};
use crate::access::sql;
use crate::identity::{GOOD, sign_in, with_password};
use crate::support::{Actor, Outcome, ROOT, Reply, TestApp, both};

const INVITED: &str = "account { id displayName email phone invited unit { code } } token expiresAt";

async fn invite(by: &Actor, email: &str, unit: &str, roles: &[&str]) -> Reply {
    let input =
        json!({ "displayName": "Lê Thị Khách", "email": email, "phone": "0911 222 333", "unit": unit, "roles": roles });
    by.mutate("accountInvite", input, INVITED).await
}

pub async fn set(app: &TestApp, of: &Actor, what: &str) {
    let id = banyan::graphql::account_id(of.id()).unwrap();
    assert_eq!(sql(app, &format!("UPDATE account SET {what} WHERE id = {id}")).await, 1);
}

both!(
    async fn inviting_answers_the_same_whether_or_not_somebody_is_known(app: &TestApp) {
        app.small_federation().await;
        let (admin, known) = (app.admin_of("P01").await, app.member_of("G3").await);
        set(app, &known, "email = 'known@example.org', phone = '+84911222333', consent = TRUE").await;
        let mut answers = Vec::new();
        for email in ["Known@Example.org", "nobody@example.org", "Nobody@example.org"] {
            let mut reply = invite(&admin, email, "G1", &["REVIEWER", "MEMBER"]).await.done();
            let answer = &mut reply.body["data"]["accountInvite"];
            for (part, least) in [("/account/id", 12), ("/token", 40)] {
                let secret = answer.pointer_mut(part).unwrap().take();
                assert!(secret.as_str().unwrap().len() >= least, "{part}: {secret}");
                assert_ne!(secret, known.id());
            }
            assert_eq!(answer["account"]["email"], email.to_lowercase());
            answer["account"]["email"] = Value::Null;
            answers.push((reply.status, reply.body, reply.statements));
        }
        assert_eq!(answers[0].1["data"]["accountInvite"]["account"]["phone"], "+84911222333");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        // Nothing happened to the one who is known.
        assert_eq!(grants(&known).await.len(), 1);
        let query = "query($id: ID!) { node(id: $id) { id } }";
        assert!(admin.query(query, json!({ "id": known.id() })).await.ok().at("/node").is_null());
    }
);

both!(
    async fn somebody_with_an_account_takes_the_roles_over(app: &TestApp) {
        app.small_federation().await;
        let (admin, known) = (app.admin_of("P01").await, app.member_of("G3").await);
        let reply = invite(&admin, "known@example.org", "P01", &["REVIEWER", "ANALYST"]).await.done();
        let (guest, token) = (reply.text("/accountInvite/account/id"), reply.text("/accountInvite/token"));
        // Not by whoever made it: that would be a role of his own giving.
        let own = admin.mutate("invitationAccept", json!({ "token": token }), "account { id }").await;
        assert_eq!(own.outcome(), Outcome::refused(&["OWN_ACCOUNT"]));
        let accepted = known.mutate("invitationAccept", json!({ "token": token }), "account { id }").await.done();
        assert_eq!(accepted.text("/invitationAccept/account/id"), known.id());
        let held: Vec<String> =
            grants(&known).await.into_iter().map(|(unit, role, _)| format!("{role} {unit}")).collect();
        assert_eq!(held, ["ANALYST P01", "REVIEWER P01", "MEMBER G3"]);
        // The account that waited is gone, and the token with it.
        let node = admin.query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": guest })).await.ok();
        assert!(node.at("/node").is_null());
        for (who, token) in [(&known, token), (&admin, token), (&known, "byno_unknown"), (&known, "")] {
            let again = who.mutate("invitationAccept", json!({ "token": token }), "account { id }").await;
            assert_eq!(again.user_errors(), [("TOKEN_NOT_VALID".to_owned(), "token".to_owned())], "{token}");
        }
        // Now he is an officer whom P01 sees, and is given more by id; where he comes from shows to nobody there.
        let officers = "{ unit(code: \"P01\") { officers(first: 9) { nodes { role account { id email } } } } }";
        let reply = admin.query(officers, json!({})).await.ok();
        assert_eq!(reply.list("/unit/officers/nodes").len(), 3);
        give(&admin, &known, "G1", Reviewer).await.done();
    }
);

both!(
    async fn an_invitation_is_taken_back_and_runs_out(app: &TestApp) {
        app.small_federation().await;
        let (admin, other) = (app.admin_of("P01").await, app.member_of("G3").await);
        let reply = invite(&admin, "a@example.org", "G1", &["MEMBER"]).await.done();
        let token = reply.text("/accountInvite/token").to_owned();
        let officers = "{ unit(code: \"G1\") { officers(first: 9) { nodes { id account { id } } } } }";
        let found = admin.query(officers, json!({})).await.ok();
        let grant = found.text("/unit/officers/nodes/0/id");
        assert_eq!(found.at("/unit/officers/nodes/0/account/id"), reply.at("/accountInvite/account/id"));
        take(&admin, grant, false).await.done();
        other.mutate("invitationAccept", json!({ "token": token }), "account { id }").await.done();
        assert_eq!(grants(&other).await.len(), 1, "a role that was taken back is not taken over");

        let reply = invite(&admin, "b@example.org", "G1", &["MEMBER"]).await.done();
        let token = reply.text("/accountInvite/token").to_owned();
        app.set_clock("2026-04-30T09:00:00+07:00");
        let late = other.mutate("invitationAccept", json!({ "token": token }), "account { id }").await;
        assert_eq!(late.outcome(), Outcome::refused(&["TOKEN_NOT_VALID"]));
    }
);

both!(
    async fn a_key_repeats_the_invitation_and_never_its_token(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        let input = json!({ "displayName": "Khách", "unit": "G1", "roles": ["MEMBER"], "idempotencyKey": "k" });
        let first = admin.mutate("accountInvite", input.clone(), INVITED).await.done();
        let again = admin.mutate("accountInvite", input, INVITED).await.done();
        assert_eq!(first.at("/accountInvite/account"), again.at("/accountInvite/account"));
        assert!(first.at("/accountInvite/token").is_string() && again.at("/accountInvite/token").is_null());
        let count = admin.query("{ unit(code: \"G1\") { officers(first: 1) { totalCount } } }", json!({})).await.ok();
        assert_eq!(count.int("/unit/officers/totalCount"), 1);
    }
);

both!(
    async fn what_is_wrong_with_an_invitation_is_told_to_who_may_invite(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        let input = json!({ "displayName": " ", "email": "x", "phone": "12", "unit": "G1", "roles": [] });
        let mut errors = admin.mutate("accountInvite", input, INVITED).await.user_errors();
        errors.sort();
        let expected = [("INVALID", "email"), ("INVALID", "phone"), ("REQUIRED", "displayName"), ("REQUIRED", "roles")];
        assert_eq!(errors, expected.map(|(code, field)| (code.to_owned(), field.to_owned())));
        // Roles that he may not give, not even among others.
        let both = app.person(ROOT, &[(ROOT, Admin), (ROOT, Reviewer)]).await;
        let reply = invite(&both, "o@example.org", ROOT, &["MEMBER", "OPERATOR"]).await;
        assert_eq!(reply.outcome(), Outcome::failed("FORBIDDEN"));
        // A guest is no co-author: who he is shows when he comes.
        let guest = invite(&admin, "g@example.org", "G1", &["MEMBER"]).await.done();
        let authors = json!([{ "account": guest.text("/accountInvite/account/id"), "share": 10 }]);
        let draft = crate::support::draft_input("G1", json!({ "coAuthors": authors }));
        let reply = app.member_of("G1").await.mutate("initiativeDraft", draft, "initiative { id }").await;
        assert_eq!(reply.outcome(), Outcome::refused(&["UNKNOWN_CODE"]));
    }
);

both!(
    async fn an_invitation_opens_no_second_account_for_an_address_that_somebody_has(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        with_password(app, "G3", "known@example.org", GOOD).await;
        let known = app.bearer(&sign_in(app, "known@example.org", GOOD).await.access);
        let fresh = async |email: &str, unit: &str| {
            let input = json!({ "displayName": "Khách", "email": email, "unit": unit, "roles": ["REVIEWER"] });
            let invited = admin.mutate("accountInvite", input, INVITED).await.done();
            assert_eq!(invited.at("/accountInvite/account/invited"), true);
            invited.text("/accountInvite/token").to_owned()
        };
        let set = async |token: &str| {
            let input = json!({ "token": token, "password": "nước chảy đá mòn mãi" });
            app.anonymous().mutate("passwordSet", input, "tokens { accessToken }").await
        };
        let taken = [("CODE_NOT_AVAILABLE".to_owned(), "token".to_owned())];
        // It is refused, as often as it is tried, and taken over by whoever has the address.
        let token = fresh("KNOWN@example.org", "G1").await;
        for _ in 0..2 {
            let refused = set(&token).await;
            assert_eq!(refused.user_errors(), taken);
            assert!(refused.body.to_string().contains("invitationAccept"), "{}", refused.body);
        }
        sign_in(app, "known@example.org", GOOD).await;
        known.mutate("invitationAccept", json!({ "token": token }), "account { id }").await.done();
        assert_eq!(grants(&known).await.len(), 2);
        // Of two invitations of one new address the first that is redeemed wins, in whatever order they were made.
        let (one, two) = (fresh("new@example.org", "G1").await, fresh("new@example.org", "G2").await);
        let officers = "{ unit(code: \"G1\") { officers(first: 9) { nodes { account { email invited } } } } }";
        let waiting = async || {
            let found = admin.query(officers, json!({})).await.ok();
            let of = |node: &&Value| node["account"]["email"] == "new@example.org";
            found.list("/unit/officers/nodes").iter().find(of).map(|node| node["account"]["invited"].clone())
        };
        assert_eq!(waiting().await, Some(Value::Bool(true)));
        let (first, second) = futures_util::future::join(set(&one), set(&two)).await;
        let (winner, loser, token) =
            if first.outcome() == Outcome::Done { (first, second, two) } else { (second, first, one) };
        assert_eq!((winner.outcome(), loser.user_errors()), (Outcome::Done, taken.to_vec()));
        let here = app.bearer(winner.text("/passwordSet/tokens/accessToken"));
        let own = here.query("{ viewer { account { email invited } } }", json!({})).await.ok();
        assert_eq!(own.at("/viewer/account"), &json!({ "email": "new@example.org", "invited": false }));
        here.mutate("invitationAccept", json!({ "token": token }), "account { id }").await.done();
        assert_eq!(grants(&here).await.len(), 2);
        assert_eq!(waiting().await, Some(Value::Bool(false)));
    }
);

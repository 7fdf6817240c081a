//! An invitation that is claimed with an identity of the provider's.

use serde_json::{Value, json};

use super::opens;
use super::provider::{Key, Provider, with_provider};
use crate::support::{Actor, Engine, Outcome, TestApp};

async fn claimed(app: &TestApp, provider: &Provider, lan: &Actor) {
    let key = Key::elliptic("es");
    provider.publish(&[&key]);
    let (admin, known) = (app.admin_of("P01").await, app.member_of("G3").await);
    let id = super::number(&known);
    let taken = format!("UPDATE account SET phone = '+84911222333' WHERE id = {id}");
    assert_eq!(crate::access::sql(app, &taken).await, 1);
    let input = json!({ "displayName": "Mai", "unit": "G2", "roles": ["MEMBER", "REVIEWER"], "email": "Mai@example.org",
                        "phone": "0911222333" });
    let invited = admin.mutate("accountInvite", input, "token account { id }").await.done();
    let (token, account) = (invited.text("/accountInvite/token"), invited.text("/accountInvite/account/id"));
    let identity = provider.token(&key, "mai", json!({}));
    let link = async |token: &str, identity: &str| {
        let input = json!({ "token": token, "identityToken": identity });
        app.anonymous().mutate("identityLink", input, "__typename").await.outcome()
    };
    // Before the claim neither opens anything, and nobody mentions one who has not come.
    assert!(!opens(app, &identity).await && !opens(app, token).await);
    let draft = json!({ "coAuthors": [{ "account": account, "share": 20 }] });
    let draft = crate::support::draft_input("G1", draft);
    let reply = lan.mutate("initiativeDraft", draft.clone(), "initiative { id }").await;
    assert_eq!(reply.outcome(), Outcome::refused(&["UNKNOWN_CODE"]));
    // An identity that somebody has does not take the invitation.
    let of_lan = provider.token(&key, "lan", json!({}));
    assert_eq!(link(token, &of_lan).await, Outcome::refused(&["CODE_NOT_AVAILABLE"]));

    // One of its addresses is somebody else's: nothing is linked, and the token stays good.
    assert_eq!(link(token, &identity).await, Outcome::refused(&["CODE_NOT_AVAILABLE"]));
    assert!(!opens(app, &identity).await);
    let freed = format!("UPDATE account SET phone = NULL WHERE id = {id}");
    assert_eq!(crate::access::sql(app, &freed).await, 1);

    assert_eq!(link(token, &identity).await, Outcome::Done);
    let mai = app.bearer(&identity);
    let query = "{ viewer { account { id displayName email phone unit { code } } grants { role unit { code } } } }";
    let reply = mai.query(query, json!({})).await.ok();
    assert_eq!(reply.text("/viewer/account/id"), account);
    assert_eq!(reply.texts("/viewer/grants", "role"), ["MEMBER", "REVIEWER"]);
    assert_eq!(reply.text("/viewer/account/unit/code"), "G2");
    let names = format!(
        "SELECT id FROM account WHERE email = 'mai@example.org' AND phone = '+84911222333' AND id = {}",
        banyan::graphql::account_id(account).unwrap()
    );
    let tx = app.app.store.read().await.unwrap();
    assert_eq!(tx.ids(tx.sql(names)).await.unwrap().len(), 1);
    drop(tx);
    // The invitation is used up, for identities, passwords and people with accounts alike.
    let refused = Outcome::refused(&["TOKEN_NOT_VALID"]);
    assert_eq!(link(token, &provider.token(&key, "other", json!({}))).await, refused);
    let password = json!({ "token": token, "password": super::GOOD });
    assert_eq!(app.anonymous().mutate("passwordSet", password, "__typename").await.outcome(), refused);
    assert_eq!(known.mutate("invitationAccept", json!({ "token": token }), "__typename").await.outcome(), refused);
    // What he holds works, and ends with the roles.
    lan.mutate("initiativeDraft", draft, "initiative { id }").await.done();
    let sent = app.member_of("G2").await.send_in("G2", json!({})).await;
    mai.act("initiativeReturn", &sent, json!({ "note": "Bổ sung" })).await.done();
    let grants = admin
        .query("{ unit(code: \"G2\") { officers(first: 9) { nodes { id account { id } } } } }", json!({}))
        .await
        .ok();
    for grant in grants.list("/unit/officers/nodes").iter().filter(|grant| grant["account"]["id"] == account) {
        admin.mutate("grantRemove", json!({ "id": grant["id"] }), "id").await.done();
    }
    let reply = mai.query("{ unit(code: \"G2\") { code } viewer { grants { id } } }", json!({})).await.ok();
    assert_eq!(reply.body["data"], json!({ "unit": Value::Null, "viewer": { "grants": [] } }));
}

mod an_invitation_is_claimed_with_an_identity {
    use super::*;

    #[test]
    fn sqlite() {
        with_provider(Engine::Sqlite, claimed);
    }

    #[test]
    fn postgres() {
        with_provider(Engine::Postgres, claimed);
    }
}

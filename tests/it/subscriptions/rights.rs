//! Who may be told is asked anew at each event.

use serde_json::json;

use super::{INITIATIVES, ROLLUP, people, send_in, submitted};
use crate::support::{Actor, Socket, TestApp, both};

/// Something that no API does yet, or that must not wait for one.
async fn sql(app: &TestApp, text: &str) {
    let tx = app.app.store.write().await.unwrap();
    tx.run_plain(text).await.unwrap();
    tx.commit().await.unwrap();
}

async fn without_grants(app: &TestApp, actor: &Actor) {
    let name = actor.name.replace('\'', "");
    sql(
        app,
        &format!("DELETE FROM role_grant WHERE account_id IN (SELECT id FROM account WHERE display_name = '{name}')"),
    )
    .await;
}

both!(
    async fn a_grant_that_is_gone_silences_initiatives(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let other = app.reviewer_of("G1").await;
        let mut socket = Socket::of(&reviewer).await;
        socket.subscribe("1", INITIATIVES, json!({ "unit": "TLD" })).await;
        socket.settled().await;
        let sent = send_in(&member, "G1").await;
        assert_eq!(socket.event("1").await["data"]["initiativeChanged"]["code"], json!(sent.code));
        without_grants(app, &reviewer).await;
        let mut witness = Socket::of(&other).await;
        witness.subscribe("w", INITIATIVES, json!({ "unit": "G1" })).await;
        witness.settled().await;
        other.act("initiativeReturn", &sent, json!({ "note": "bổ sung" })).await.done();
        witness.event("w").await;
        let again = send_in(&member, "G1").await;
        witness.event("w").await;
        // Both went by, several looks of the feed ago; of what anybody may see he is still told.
        socket.subscribe("r", ROLLUP, json!({ "unit": "TLD" })).await;
        assert_eq!(submitted(&socket.event("r").await), 2);
        other.act("initiativeReturn", &again, json!({ "note": "bổ sung" })).await.done();
        witness.event("w").await;
        send_in(&member, "G1").await;
        assert_eq!(submitted(&socket.event("r").await), 3);
    }
);

both!(
    async fn a_grant_that_is_gone_ends_a_roll_up_that_it_showed(app: &TestApp) {
        let (member, _) = people(app).await;
        // Below the programme's public level only a grant shows it.
        let analyst = app.analyst_of("G1").await;
        let mut socket = Socket::of(&analyst).await;
        socket.subscribe("1", ROLLUP, json!({ "unit": "G1" })).await;
        assert_eq!(submitted(&socket.event("1").await), 0);
        without_grants(app, &analyst).await;
        send_in(&member, "G1").await;
        let end = socket.next().await;
        assert_eq!(
            (end["type"].as_str(), end["payload"][0]["extensions"]["code"].as_str()),
            (Some("error"), Some("NOT_FOUND"))
        );
        assert!(!end.to_string().contains("submitted"), "{end}");
    }
);

both!(
    async fn a_token_that_ends_closes_the_connection(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let mut idle = Socket::of(&reviewer).await;
        let mut busy = Socket::of(&reviewer).await;
        busy.subscribe("1", ROLLUP, json!({ "unit": "TLD" })).await;
        busy.event("1").await;
        let mut other = Socket::of(&member).await;
        sql(app, &format!("UPDATE token SET revoked_at = 1 WHERE account_id IN (SELECT id FROM account WHERE display_name = '{}')", reviewer.name)).await;
        send_in(&member, "G1").await;
        for socket in [&mut idle, &mut busy] {
            let frame = socket.frame().await;
            let tokio_tungstenite::tungstenite::Message::Close(Some(frame)) = frame else { panic!("{frame:?}") };
            assert_eq!(u16::from(frame.code), 4403);
            assert!(frame.reason.contains("token"), "{frame:?}");
        }
        other.settled().await;
        // Time ends all of them.
        app.set_clock("2036-01-01T00:00:00+07:00");
        assert_eq!(other.closed().await.0, 4403);
    }
);

//! What is taken away is gone, and what is given is there: at the very next request of every other session, at every server, and in
//! streams that are open already.

use entity::enums::Role;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::sql;
use crate::subscriptions::events::open;
use crate::subscriptions::{INITIATIVES, ROLLUP, people, send_in, submitted};
use crate::support::{Actor, ROOT, Socket, TestApp, both};
use banyan::access::Roles;

/// Where else somebody may be: at another server on PostgreSQL, at the same one on SQLite.
async fn elsewhere(app: &TestApp) -> String {
    match app.app.config.database_url.starts_with("postgres") {
        true => app.second_server().await.1,
        false => app.url("/graphql"),
    }
}

/// The same person by another session and an API token, here and there.
async fn sessions(app: &TestApp, of: &Actor, there: &str) -> Vec<Actor> {
    let token = app.api_token(of, Roles::ALL, None).await;
    vec![of.clone(), of.at(there), token.clone(), token.at(there)]
}

/// Whether each of them sees G1's record, at this moment.
async fn see(actors: &[Actor], code: &str) -> Vec<bool> {
    let query = "query($code: String!) { initiative(code: $code) { id } }";
    let mut found = Vec::new();
    for actor in actors {
        let reply = actor.query(query, json!({ "code": code })).await.ok();
        found.push(!reply.at("/initiative").is_null());
    }
    found
}

async fn out(actors: &[Actor]) {
    for actor in actors {
        let reply = actor.query("{ viewer { account { id } } }", json!({})).await;
        assert_eq!((reply.status, reply.codes()), (401, vec!["UNAUTHENTICATED"]));
    }
}

fn code(event: &Value) -> &Value {
    &event["data"]["initiativeChanged"]["code"]
}

both!(
    async fn a_role_that_is_taken_away_is_gone_everywhere(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let there = elsewhere(app).await;
        // Below the programme's public level only a grant shows anything.
        let analyst = app.analyst_of("G1").await;
        let everywhere = sessions(app, &analyst, &there).await;
        let mut socket = Socket::of(&analyst.at(&there)).await;
        socket.subscribe("r", ROLLUP, json!({ "unit": "G1" })).await;
        assert_eq!(submitted(&socket.event("r").await), 0);
        let mut stream = open(&analyst.at(&there), ROLLUP, json!({ "unit": "G1" })).await;
        assert_eq!(submitted(&stream.next().await), 0);
        let mut initiatives = Socket::of(&analyst).await;
        initiatives.subscribe("i", INITIATIVES, json!({ "unit": "G1" })).await;
        initiatives.settled().await;
        let sent = send_in(&member, "G1").await;
        assert_eq!(*code(&initiatives.event("i").await), json!(sent.code));
        assert_eq!(submitted(&socket.event("r").await), 1);
        assert_eq!(submitted(&stream.next().await), 1);
        assert_eq!(see(&everywhere, &sent.code).await, [true; 4]);

        let reply = analyst.query("{ viewer { grants { id } } }", json!({})).await.ok();
        let grant = reply.text("/viewer/grants/0/id");
        app.admin_of("P01").await.mutate("grantRemove", json!({ "id": grant }), "id").await.done();
        assert_eq!(see(&everywhere, &sent.code).await, [false; 4]);
        let next = send_in(&member, "G1").await;
        let end = socket.next().await;
        assert_eq!(
            (end["type"].as_str(), &end["payload"][0]["extensions"]["code"]),
            (Some("error"), &json!("NOT_FOUND"))
        );
        assert!(!end.to_string().contains("submitted"), "{end}");
        let end = stream.next().await;
        assert_eq!(end["errors"][0]["extensions"]["code"], "NOT_FOUND", "{end}");
        assert!(end["data"].is_null());
        assert_eq!(stream.event().await, Some(("complete".to_owned(), Value::Null)));
        // Of initiatives he hears nothing any more, while he is still told what anybody may see.
        initiatives.subscribe("m", ROLLUP, json!({ "unit": "P01" })).await;
        assert_eq!(submitted(&initiatives.event("m").await), 2);
        for count in 3..=4 {
            send_in(&member, "G1").await;
            assert_eq!(submitted(&initiatives.event("m").await), count);
        }
        // Nobody else lost anything.
        assert_eq!(see(&[reviewer.at(&there)], &next.code).await, [true]);
    }
);

both!(
    async fn a_role_that_is_given_is_there_everywhere(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let there = elsewhere(app).await;
        // P01 stands above what he has: its face shows, its records do not.
        let newcomer = app.member_of("G2").await;
        let everywhere = sessions(app, &newcomer, &there).await;
        let mut socket = Socket::of(&newcomer.at(&there)).await;
        socket.subscribe("i", INITIATIVES, json!({ "unit": "P01" })).await;
        socket.settled().await;
        let mut stream = open(&newcomer, INITIATIVES, json!({ "unit": "P01" })).await;
        let sent = send_in(&member, "G1").await;
        assert_eq!(see(&everywhere, &sent.code).await, [false; 4]);
        let admin = app.admin_of("P01").await;
        let input = json!({ "account": newcomer.id(), "unit": "P01", "role": "ANALYST" });
        admin.mutate("grantAdd", input, "grant { id }").await.done();
        assert_eq!(see(&everywhere, &sent.code).await, [true; 4]);
        reviewer.act("initiativeReturn", &sent, json!({ "note": "bổ sung" })).await.done();
        // He may be told of the sending, if that is looked at only now; of the return he is.
        let returned = |event: &Value| {
            assert_eq!(*code(event), json!(sent.code));
            event["data"]["initiativeChanged"]["state"] == "RETURNED"
        };
        while !returned(&socket.event("i").await) {}
        while !returned(&stream.next().await) {}
    }
);

both!(
    async fn who_is_erased_is_out_everywhere(app: &TestApp) {
        let (member, _) = people(app).await;
        let there = elsewhere(app).await;
        let analyst = app.analyst_of("G1").await;
        let everywhere = sessions(app, &analyst, &there).await;
        let (mut idle, mut busy) = (Socket::of(&everywhere[2]).await, Socket::of(&everywhere[1]).await);
        busy.subscribe("r", ROLLUP, json!({ "unit": "G1" })).await;
        busy.event("r").await;
        let mut stream = open(&everywhere[3], ROLLUP, json!({ "unit": "G1" })).await;
        stream.next().await;
        app.admin_of("P01").await.mutate("accountErase", json!({ "id": analyst.id() }), "id").await.done();
        out(&everywhere).await;
        send_in(&member, "G1").await;
        for socket in [&mut idle, &mut busy] {
            let frame = socket.frame().await;
            let Message::Close(Some(frame)) = frame else { panic!("{frame:?}") };
            assert_eq!(u16::from(frame.code), 4403);
        }
        while let Some((_, data)) = stream.event().await {
            assert!(!data.to_string().contains("submitted"), "{data}");
        }
    }
);

both!(
    async fn a_token_that_is_revoked_is_gone_everywhere(app: &TestApp) {
        let (member, _) = people(app).await;
        let there = elsewhere(app).await;
        let analyst = app.analyst_of("G1").await;
        let input = json!({ "name": "Báo cáo", "roles": ["ANALYST"] });
        let made = analyst.mutate("tokenCreate", input, "secret token { id }").await.done();
        let token = app.bearer(made.text("/tokenCreate/secret"));
        let mut socket = Socket::of(&token.at(&there)).await;
        socket.subscribe("r", ROLLUP, json!({ "unit": "G1" })).await;
        socket.event("r").await;
        let mut stream = open(&token, ROLLUP, json!({ "unit": "G1" })).await;
        stream.next().await;
        let mut own = Socket::of(&analyst.at(&there)).await;
        own.subscribe("r", ROLLUP, json!({ "unit": "G1" })).await;
        own.event("r").await;
        let id = made.text("/tokenCreate/token/id");
        analyst.mutate("tokenRevoke", json!({ "id": id }), "token { id }").await.done();
        out(&[token.clone(), token.at(&there)]).await;
        send_in(&member, "G1").await;
        let frame = socket.frame().await;
        let Message::Close(Some(frame)) = frame else { panic!("{frame:?}") };
        assert_eq!(u16::from(frame.code), 4403);
        while let Some((_, data)) = stream.event().await {
            assert!(!data.to_string().contains("submitted"), "{data}");
        }
        // The person himself stays.
        assert_eq!(submitted(&own.event("r").await), 1);
    }
);

both!(
    async fn a_unit_that_moves_leaves_one_sight_and_enters_another_everywhere(app: &TestApp) {
        let (member, old) = people(app).await;
        let there = elsewhere(app).await;
        let (new, colleague) = (app.reviewer_of("P02").await, app.member_of("G2").await);
        let sent = send_in(&member, "G1").await;
        let (mut left, mut entered) = (Socket::of(&old.at(&there)).await, Socket::of(&new.at(&there)).await);
        left.subscribe("i", INITIATIVES, json!({ "unit": "P01" })).await;
        entered.subscribe("i", INITIATIVES, json!({ "unit": "P02" })).await;
        left.settled().await;
        entered.settled().await;
        let (olds, news) = (sessions(app, &old, &there).await, sessions(app, &new, &there).await);
        assert_eq!((see(&olds, &sent.code).await, see(&news, &sent.code).await), (vec![true; 4], vec![false; 4]));
        let top = app.admin_of(ROOT).await;
        top.mutate("unitMove", json!({ "unit": "G1", "parent": "P02" }), "unit { id }").await.done();
        assert_eq!((see(&olds, &sent.code).await, see(&news, &sent.code).await), (vec![false; 4], vec![true; 4]));
        let next = send_in(&member, "G1").await;
        assert_eq!(*code(&entered.event("i").await), json!(next.code));
        let own = send_in(&colleague, "G2").await;
        assert_eq!(*code(&left.event("i").await), json!(own.code), "not {}", next.code);
    }
);

both!(
    async fn a_programme_that_shows_to_fewer_is_hidden_everywhere(app: &TestApp) {
        let (member, _) = people(app).await;
        let there = elsewhere(app).await;
        let (nobody, stranger) = (app.anonymous(), app.person("G3", &[("G3", Role::Member)]).await);
        let query = "{ unit(code: \"P01\") { rollup(programme: \"SK\") { submitted } } }";
        let shows = async || {
            let mut found = Vec::new();
            for actor in [&nobody, &nobody.at(&there), &stranger, &stranger.at(&there)] {
                let reply = actor.query(query, json!({})).await.ok();
                found.push(reply.body["data"].pointer("/unit/rollup/submitted").is_some());
            }
            found
        };
        let mut socket = Socket::of(&nobody.at(&there)).await;
        socket.subscribe("r", ROLLUP, json!({ "unit": "P01" })).await;
        socket.event("r").await;
        let mut stream = open(&stranger, ROLLUP, json!({ "unit": "P01" })).await;
        stream.next().await;
        assert_eq!(shows().await, [true; 4]);
        for (visibility, expected) in [("FEDERATION", [false, false, true, true]), ("SUBTREE", [false; 4])] {
            sql(app, &format!("UPDATE programme SET visibility = '{visibility}' WHERE code = 'SK'")).await;
            assert_eq!(shows().await, expected);
        }
        send_in(&member, "G1").await;
        let end = socket.next().await;
        assert_eq!(
            (end["type"].as_str(), &end["payload"][0]["extensions"]["code"]),
            (Some("error"), &json!("NOT_FOUND"))
        );
        let end = stream.next().await;
        assert_eq!(end["errors"][0]["extensions"]["code"], "NOT_FOUND", "{end}");
        assert!(end["data"].is_null());
        sql(app, "UPDATE programme SET visibility = 'PUBLIC' WHERE code = 'SK'").await;
        assert_eq!(shows().await, [true; 4]);
    }
);

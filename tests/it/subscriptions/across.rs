//! Several servers, and a database that goes away and comes back.

use serde_json::json;

use super::events::open;
use super::{INITIATIVES, ROLLUP, people, send_in, submitted};
use crate::crash::Server;
use crate::support::{Engine, Setup, Socket, TestApp, both, run};

#[test]
fn what_one_server_does_the_others_tell() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        let (member, reviewer) = people(app).await;
        let (_, url) = app.second_server().await;
        let mut here = Socket::of(&reviewer).await;
        let mut there = Socket::of(&reviewer.at(&url)).await;
        for socket in [&mut here, &mut there] {
            socket.subscribe("r", ROLLUP, json!({ "unit": "P01" })).await;
            assert_eq!(submitted(&socket.event("r").await), 0);
        }
        send_in(&member, "G1").await;
        assert_eq!(submitted(&here.event("r").await), 1);
        assert_eq!(submitted(&there.event("r").await), 1);
        send_in(&member.at(&url), "G1").await;
        assert_eq!(submitted(&here.event("r").await), 2);
        assert_eq!(submitted(&there.event("r").await), 2);
    });
}

#[test]
fn what_commits_late_is_told_though_its_instant_is_early() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        let (member, reviewer) = people(app).await;
        let drafts = [member.draft("G1", json!({})).await, member.draft("G1", json!({})).await];
        let mut socket = Socket::of(&reviewer).await;
        socket.subscribe("i", INITIATIVES, json!({ "unit": "P01" })).await;
        socket.settled().await;
        // A transaction of another server that has stamped its event and is slow to commit.
        let slow = app.app.store.write().await.unwrap();
        let at = slow.stamp(&app.app.clock).await.unwrap();
        slow.run_plain(&format!(
            "INSERT INTO initiative_event SELECT e.initiative_id, 99, e.action, e.from_state, e.to_state, {at}, e.by_id, e.unit_id, \
             e.programme_id, e.phase_id, e.group_id, e.claimed_benefit, e.benefit_not_computable, e.verified_benefit, e.authors, \
             e.reason, e.note FROM initiative_event e JOIN initiative i ON i.id = e.initiative_id WHERE i.code = '{0}' AND e.seq = 1; \
             UPDATE initiative SET submitted_at = {at} WHERE code = '{0}'", drafts[0].code)).await.unwrap();
        // Others stamp later and commit earlier, and are told.
        app.set_clock("2026-03-02T10:00:00+07:00");
        member.act("initiativeSubmit", &drafts[1], json!({})).await.done();
        assert_eq!(socket.event("i").await["data"]["initiativeChanged"]["code"], json!(drafts[1].code));
        let later = send_in(&member, "G1").await;
        assert_eq!(socket.event("i").await["data"]["initiativeChanged"]["code"], json!(later.code));
        slow.commit().await.unwrap();
        assert_eq!(socket.event("i").await["data"]["initiativeChanged"]["code"], json!(drafts[0].code));
    });
}

#[test]
fn connections_that_the_database_ends_cost_no_event() {
    run(Engine::Postgres, Setup::default(), async |app: &TestApp| {
        let (member, reviewer) = people(app).await;
        let (second, url) = app.second_server().await;
        let mut socket = Socket::of(&reviewer.at(&url)).await;
        socket.subscribe("r", ROLLUP, json!({ "unit": "P01" })).await;
        assert_eq!(submitted(&socket.event("r").await), 0);
        socket.subscribe("i", INITIATIVES, json!({ "unit": "P01" })).await;
        socket.settled().await;
        let (mut count, mut codes) = (0, std::collections::BTreeSet::new());
        for round in 1..=5 {
            // Every connection that the second server has, in the middle of whatever it does.
            let tx = app.app.store.write().await.unwrap();
            tx.run_plain(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'",
            )
            .await
            .unwrap();
            drop(tx);
            codes.insert(sent_whatever_happens(&member, round).await);
            while count < round || !codes.is_empty() {
                let message = socket.next().await;
                match message["id"].as_str() {
                    Some("r") => count = submitted(&message["payload"]),
                    _ => {
                        let code = message["payload"]["data"]["initiativeChanged"]["code"].as_str().unwrap();
                        codes.remove(code);
                    }
                }
            }
            assert_eq!(count, round);
        }
        drop(second);
    });
}

/// Sends one in through the first server, whose connections may have been ended too.
async fn sent_whatever_happens(member: &crate::support::Actor, round: i64) -> String {
    let draft = loop {
        let mut input = crate::support::draft_input("G1", json!({}));
        input["idempotencyKey"] = json!(format!("draft {round}"));
        let reply = member.mutate("initiativeDraft", input, "initiative { id code version }").await;
        if reply.codes().is_empty() {
            break reply;
        }
    };
    let initiative = draft.at("/initiativeDraft/initiative").clone();
    loop {
        let input = json!({ "id": initiative["id"], "version": 1, "idempotencyKey": format!("submit {round}") });
        let reply = member.mutate("initiativeSubmit", input, "initiative { id }").await;
        if reply.codes().is_empty() {
            return initiative["code"].as_str().unwrap().to_owned();
        }
    }
}

both!(
    async fn a_subscriber_who_comes_later_is_told_from_then_on(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let first = send_in(&member, "G1").await;
        let mut socket = Socket::of(&reviewer).await;
        socket.subscribe("i", INITIATIVES, json!({ "unit": "P01" })).await;
        socket.settled().await;
        let second = send_in(&member, "G1").await;
        let told = socket.event("i").await["data"]["initiativeChanged"]["code"].clone();
        assert_eq!(told, json!(second.code), "not {}", first.code);
    }
);

both!(
    async fn a_server_that_stops_says_so(app: &TestApp) {
        app.small_federation().await;
        let mut server = Server::start(&app.app.config.database_url);
        let nobody = app.anonymous().at(&server.url);
        let mut socket = Socket::of(&nobody).await;
        let mut events = open(&nobody, ROLLUP, json!({ "unit": "P01" })).await;
        assert_eq!(submitted(&events.next().await), 0);
        let pid = server.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert_eq!(socket.closed().await.0, 1001);
        // Without `complete`, so that the client connects again.
        assert_eq!(events.event().await, None);
        assert!(server.child.wait().unwrap().success());
    }
);

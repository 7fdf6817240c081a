//! Answers are given again only while they are true, on every server: three processes on one database, written to and read from as
//! fast as they can.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use entity::enums::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::crash::{Server, federation, own_database, token};
use crate::support::{Actor, ROOT, Reply, Sent, Setup, TestApp, both};

/// Written one after the other by each of the writers.
const WRITERS: usize = 3;
const EACH: usize = 25;
/// At each of the servers.
const READERS: usize = 3;

const READ: &str = "{ unit(code: \"P01\") { name rollup(programme: \"LAU\") { approved target(kind: GUIDELINE)
  breakdown(by: [GROUP]) { approved } } children(first: 10) { nodes { rollup(programme: \"LAU\") { approved } } }
  initiatives(programme: \"LAU\", state: [APPROVED], first: 1) { totalCount } } }";

/// The same, of which all is executed by hand.
const BY_HAND: &str = "{ unit(code: \"P01\") { name rollup(programme: \"LAU\") { approved target(kind: GUIDELINE)
  breakdown(by: [GROUP]) { approved } } children(first: 10) { nodes { rollup(programme: \"LAU\") { approved } } } } }";

/// What has been begun, and what has been answered.
#[derive(Default)]
struct Progress {
    begun: AtomicI64,
    answered: AtomicI64,
}

struct Client {
    http: reqwest::Client,
    urls: [String; 3],
}

impl Client {
    async fn ask(&self, server: usize, token: &str, document: &str, variables: Value) -> Value {
        let body = json!({ "query": document, "variables": variables });
        let reply = self.http.post(&self.urls[server]).bearer_auth(token).json(&body).send().await.unwrap();
        let body: Value = reply.json().await.unwrap();
        assert!(body.get("errors").is_none(), "{body}");
        body["data"].clone()
    }

    async fn change(&self, server: usize, token: &str, mutation: &str, input: Value) {
        let (first, rest) = mutation.split_at(1);
        let document = format!(
            "mutation($input: {}{rest}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code message }} }} }}",
            first.to_uppercase()
        );
        let data = self.ask(server, token, &document, json!({ "input": input })).await;
        assert_eq!(data[mutation]["userErrors"], json!([]), "{data}");
    }
}

both!(with Setup::unfolded(); async fn no_answer_is_stale(app: &TestApp) {
    federation(app).await;
    let member = app.member_of("G1").await;
    let mut sent: Vec<Sent> = Vec::new();
    for _ in 0..WRITERS * EACH {
        sent.push(member.send_in("G1", json!({ "programme": "LAU" })).await);
    }
    let (reviewer, admin) = (token(app, "P01", Role::Reviewer).await, token(app, ROOT, Role::Admin).await);
    let readers = [token(app, "P01", Role::Analyst).await, token(app, ROOT, Role::Analyst).await];
    let (database, _folder) = own_database(app).await;
    // The third keeps no answers: who asks the same at the same time shares one.
    let forgetful = Server::start_with(&database, &["--answers-mb", "0"]);
    let servers = [Server::start(&database), Server::start(&database), forgetful];
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = Client { http, urls: servers.each_ref().map(|server| server.url.clone()) };

    let (approvals, targets) = (Progress::default(), Progress::default());
    let over = AtomicBool::new(false);
    let approve = async |writer: usize| {
        for (i, one) in sent.iter().enumerate().filter(|(i, _)| i % WRITERS == writer) {
            approvals.begun.fetch_add(1, Ordering::SeqCst);
            let input = json!({ "id": one.id, "version": one.version, "verifiedBenefit": 5 });
            client.change(i % 3, &reviewer, "initiativeApprove", input).await;
            approvals.answered.fetch_add(1, Ordering::SeqCst);
            check(&client, (i + 1) % 3, &readers[i % 2], &approvals, &targets).await;
        }
    };
    let set = async || {
        for value in 1..=EACH as i64 {
            targets.begun.store(value, Ordering::SeqCst);
            let input = json!({ "unit": "P01", "programme": "LAU", "kind": "GUIDELINE", "value": value });
            client.change(value as usize % 2, &admin, "targetSet", input).await;
            targets.answered.store(value, Ordering::SeqCst);
        }
    };
    let write = async {
        tokio::join!(join_all((0..WRITERS).map(&approve)), set());
        over.store(true, Ordering::SeqCst);
    };
    let read = async |reader: usize| {
        while !over.load(Ordering::SeqCst) {
            check(&client, reader % 3, &readers[reader / 3 % 2], &approvals, &targets).await;
        }
    };
    tokio::join!(write, join_all((0..3 * READERS).map(&read)));
    for server in 0..3 {
        check(&client, server, &readers[0], &approvals, &targets).await;
    }
});

/// One read at one server: all of what was answered before is in it, and nothing that had not begun; and its parts agree.
async fn check(client: &Client, server: usize, token: &str, approvals: &Progress, targets: &Progress) {
    for document in [READ, BY_HAND] {
        check_one(client, server, token, document, approvals, targets).await;
    }
}

async fn check_one(
    client: &Client,
    server: usize,
    token: &str,
    document: &str,
    approvals: &Progress,
    targets: &Progress,
) {
    let least = [approvals, targets].map(|progress| progress.answered.load(Ordering::SeqCst));
    let unit = &client.ask(server, token, document, Value::Null).await["unit"];
    let most = [approvals, targets].map(|progress| progress.begun.load(Ordering::SeqCst));
    let rollup = &unit["rollup"];
    let approved = rollup["approved"].as_i64().unwrap();
    let target = rollup["target"].as_i64().unwrap_or(0);
    assert!((least[0]..=most[0]).contains(&approved), "{approved} approved, not {} to {}", least[0], most[0]);
    assert!((least[1]..=most[1]).contains(&target), "a target of {target}, not {} to {}", least[1], most[1]);
    assert_eq!(rollup["breakdown"][0]["approved"], approved, "{unit}");
    let below = unit["children"]["nodes"].as_array().unwrap().iter();
    assert_eq!(below.map(|child| child["rollup"]["approved"].as_i64().unwrap()).sum::<i64>(), approved, "{unit}");
    if document == READ {
        assert_eq!(unit["initiatives"]["totalCount"], approved, "{unit}");
    }
}

both!(
    async fn every_change_is_seen_at_both_servers(app: &TestApp) {
        app.small_federation().await;
        let (_other, url) = app.second_server().await;
        let (admin, member) = (app.admin_of(ROOT).await, app.member_of("G1").await);
        let (analyst, root) = (app.analyst_of("P01").await, app.analyst_of(ROOT).await);
        let sent = member.send_in("G1", json!({})).await;
        let query = "{ unit(code: \"P01\") { name bloc rollup(programme: \"SK\") { submitted pending target } } viewer { grants { role } } }";
        let both = async || {
            let mut answers = Vec::new();
            for reader in [&analyst, &root] {
                let here = reader.query(query, json!({})).await.ok().body["data"].clone();
                // Again, and at the other one.
                assert_eq!(reader.query(query, json!({})).await.ok().body["data"], here);
                assert_eq!(reader.at(&url).query(query, json!({})).await.ok().body["data"], here);
                answers.push(here);
            }
            answers
        };
        let begin = both().await;
        let reviewer = app.reviewer_of("P01").await;
        reviewer.at(&url).act("initiativeApprove", &sent, json!({ "verifiedBenefit": "1" })).await.done();
        let approved = both().await;
        assert_eq!(
            (&begin[0]["unit"]["rollup"]["pending"], &approved[0]["unit"]["rollup"]["pending"]),
            (&json!(1), &json!(0))
        );
        let target = json!({ "unit": "P01", "programme": "SK", "kind": "GUIDELINE", "value": 7 });
        admin.mutate("targetSet", target, "target { id }").await.done();
        assert_eq!(both().await[1]["unit"]["rollup"]["target"], 7);
        let name = json!({ "unit": "P01", "name": "Tên mới" });
        let renamed = admin.at(&url).mutate("unitRename", name, "unit { name }").await;
        renamed.done();
        assert_eq!(both().await[0]["unit"]["name"], "Tên mới");
        // What the viewer holds: his scope is another one at once.
        let tx = app.app.store.write().await.unwrap();
        tx.run(tx.sql(
            "DELETE FROM role_grant WHERE role = 'ANALYST' AND unit_id = (SELECT id FROM unit WHERE code = 'P01')",
        ))
        .await
        .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(both().await[0]["viewer"]["grants"], json!([]));
    }
);

async fn end_sessions_of(app: &TestApp, reader: &Actor) {
    let tx = app.app.store.write().await.unwrap();
    let mut sql = tx.sql("UPDATE session SET revoked_at = 1 WHERE account_id = ");
    let id = sql.bind(banyan::graphql::account_id(reader.id()).unwrap());
    sql.push(&id);
    tx.run(sql).await.unwrap();
    tx.commit().await.unwrap();
}

/// A request whose body is yet to come, though the server has asked for it and has done other work since.
async fn without_its_body(app: &TestApp, reader: &Actor, body: &str) -> TcpStream {
    let address = app.url("/").trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        reader.token(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut told = vec![0; 64];
    let read = stream.read(&mut told).await.unwrap();
    assert!(told[..read].starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&told[..read]));
    for _ in 0..20 {
        reader.query("{ unit(code: \"P02\") { name } }", json!({})).await;
    }
    stream
}

async fn rest(mut stream: TcpStream, body: &str) -> String {
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

both!(
    async fn a_body_that_comes_late_is_answered_as_of_then(app: &TestApp) {
        app.small_federation().await;
        let (admin, reader) = (app.admin_of(ROOT).await, app.analyst_of(ROOT).await);
        let query = "{ unit(code: \"P01\") { name } }";
        // Kept, in the state that is seen next.
        reader.query(query, json!({})).await.ok();
        let body = json!({ "query": query, "variables": {} }).to_string();
        let request = without_its_body(app, &reader, &body).await;
        admin.mutate("unitRename", json!({ "unit": "P01", "name": "Tên mới" }), "unit { name }").await.done();
        let answer = rest(request, &body).await;
        assert!(answer.contains("Tên mới"), "{answer}");
        // And a token that has ended by then opens nothing.
        let request = without_its_body(app, &reader, &body).await;
        end_sessions_of(app, &reader).await;
        let answer = rest(request, &body).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
);

both!(
    async fn what_tells_the_time_is_told_anew(app: &TestApp) {
        app.small_federation().await;
        let reader = app.analyst_of(ROOT).await;
        let query = "{ unit(code: \"P01\") { rollup(programme: \"SK\") { asOf computedAt submitted } } }";
        let first = reader.query(query, json!({})).await.ok();
        app.pass(60);
        let later = reader.query(query, json!({})).await.ok();
        for field in ["asOf", "computedAt"] {
            let at = |reply: &Reply| reply.text(&format!("/unit/rollup/{field}")).to_owned();
            assert!(at(&first) < at(&later), "{field}: {} and {}", at(&first), at(&later));
        }
        // Not final yet, and final once everything that could come before has come.
        let query = "query($at: DateTime) { unit(code: \"P01\") { rollup(programme: \"SK\", asOf: $at) { isFinal } } }";
        let at = json!({ "at": later.text("/unit/rollup/asOf") });
        assert_eq!(reader.query(query, at.clone()).await.ok().at("/unit/rollup/isFinal"), &json!(false));
        app.pass(60);
        assert_eq!(reader.query(query, at).await.ok().at("/unit/rollup/isFinal"), &json!(true));
    }
);

both!(
    async fn a_token_ends_at_once(app: &TestApp) {
        app.small_federation().await;
        let (_other, url) = app.second_server().await;
        let reader = app.analyst_of(ROOT).await;
        let query = "{ unit(code: \"P01\") { name } }";
        for _ in 0..2 {
            reader.query(query, json!({})).await.ok();
            reader.at(&url).query(query, json!({})).await.ok();
        }
        end_sessions_of(app, &reader).await;
        for reader in [reader.clone(), reader.at(&url)] {
            assert_eq!(reader.query(query, json!({})).await.status, 401);
        }
        // And by the clock, though nothing changes in the database.
        let other = app.analyst_of(ROOT).await;
        other.query(query, json!({})).await.ok();
        app.pass(367 * 86_400);
        assert_eq!(other.query(query, json!({})).await.status, 401);
    }
);

both!(with Setup::forgetful();
    async fn the_cost_is_told_each_time(app: &TestApp) {
        app.small_federation().await;
        let reader = app.analyst_of(ROOT).await;
        let query = "{ unit(code: \"P01\") { name children(first: 50) { nodes { name } } } }";
        let first = reader.query(query, json!({})).await.ok();
        let again = reader.query(query, json!({})).await.ok();
        assert_eq!((&first.body["data"], first.statements), (&again.body["data"], again.statements));
        let cost = |reply: &Reply| reply.body["extensions"]["cost"].clone();
        assert_eq!(cost(&first)["requested"], cost(&again)["requested"]);
        assert!(cost(&first)["remaining"].as_i64().unwrap() > 0);
        // Others are told in their own language and by their own rights.
        let query =
            "{ unit(code: \"P01\") { bloc rollup(programme: \"SK\") { breakdown(by: [STATE]) { keys { label } } } } }";
        let english = reader.speaking("en").query(query, json!({})).await.ok();
        let vietnamese = reader.speaking("vi").query(query, json!({})).await.ok();
        assert_ne!(english.body["data"], vietnamese.body["data"]);
    }
);

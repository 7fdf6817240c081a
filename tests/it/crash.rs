//! The program itself, killed in the middle of its work: what it acknowledged is there, once.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use banyan::account::{self, NewAccount};
use banyan::config::Config;
use banyan::store::Store;
use entity::enums::Role;
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::support::{Setup, TestApp, both};

const ROUNDS: usize = 3;
const WRITERS: usize = 4;
/// After so many acknowledged mutations the server is killed, while others are under way.
const ENOUGH: usize = 50;

/// Runs the program to its end.
pub fn banyan(database: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
    command.args(arguments).env("BANYAN_DATABASE_URL", database).output().unwrap()
}

/// A server in a process of its own, killed when it goes out of sight.
pub struct Server {
    pub child: Child,
    pub url: String,
}

impl Server {
    /// Starts it and reads where it answers: it says so once clients can connect.
    pub fn start(database: &str) -> Server {
        Server::start_with(database, &[])
    }

    /// As [`Server::start`], with further settings.
    pub fn start_with(database: &str, settings: &[&str]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", database]).args(settings);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.unwrap_or_else(|| panic!("it did not start: {line}")).trim_end_matches(';').to_owned();
        Server { child, url }
    }

    /// As if the power had failed: no signal that it could handle.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A mutation as it was sent.
#[derive(Clone, Debug)]
struct Sent {
    by_reviewer: bool,
    mutation: &'static str,
    input: Value,
}

struct Clients {
    http: reqwest::Client,
    members: Vec<String>,
    reviewer: String,
}

impl Clients {
    /// The answer's data; none where the server died before it answered.
    async fn query(&self, url: &str, token: &str, document: &str, variables: Value) -> Option<Value> {
        let request =
            self.http.post(url).bearer_auth(token).json(&json!({ "query": document, "variables": variables }));
        let body: Value = request.send().await.ok()?.json().await.ok()?;
        assert!(body.get("errors").is_none(), "{document} {variables}: {body}");
        Some(body["data"].clone())
    }

    async fn send(&self, url: &str, writer: usize, sent: &Sent) -> Option<Value> {
        let token = if sent.by_reviewer { &self.reviewer } else { &self.members[writer] };
        let (first, rest) = sent.mutation.split_at(1);
        let document = format!(
            "mutation($input: {}{rest}Input!) {{ {}(input: $input) {{ initiative {{ id code }} userErrors {{ code message }} }} }}",
            first.to_uppercase(),
            sent.mutation
        );
        let data = self.query(url, token, &document, json!({ "input": sent.input })).await?;
        Some(data[sent.mutation].clone())
    }
}

/// Draft, submit and approve until the server is gone. Answers what was acknowledged, and the one that was under way.
async fn write(
    clients: &Clients,
    url: &str,
    (round, writer): (usize, usize),
    acknowledged: impl Fn(),
) -> (Vec<(Sent, Value)>, Option<Sent>) {
    let mut done: Vec<(Sent, Value)> = Vec::new();
    for n in 0.. {
        let key = |step: &str| format!("{round}-{writer}-{n}-{step}");
        let draft = json!({ "unit": "G1", "programme": "LAU", "phase": "1", "group": "A", "solution": "TECHNICAL",
                            "title": key("title"), "appliedOn": "2025-06-15", "claimedBenefit": 10, "idempotencyKey": key("draft") });
        let mut id = Value::Null;
        for (step, mutation) in ["initiativeDraft", "initiativeSubmit", "initiativeApprove"].into_iter().enumerate() {
            let input = match step {
                0 => draft.clone(),
                1 => json!({ "id": id, "version": 1, "idempotencyKey": key("submit") }),
                _ => json!({ "id": id, "version": 2, "verifiedBenefit": 7, "idempotencyKey": key("approve") }),
            };
            let sent = Sent { by_reviewer: step == 2, mutation, input };
            let Some(answer) = clients.send(url, writer, &sent).await else { return (done, Some(sent)) };
            assert_eq!(answer["userErrors"], json!([]), "{sent:?}");
            id = answer["initiative"]["id"].clone();
            done.push((sent, answer));
            acknowledged();
        }
    }
    unreachable!()
}

both!(with Setup::unfolded(); async fn what_was_acknowledged_outlives_the_server(app: &TestApp) {
    federation(app).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let members = join_all((0..WRITERS).map(|_| token(app, "G1", Role::Member))).await;
    let clients = Clients { http, members, reviewer: token(app, "P01", Role::Reviewer).await };
    let (database, _folder) = own_database(app).await;

    let mut histories: Vec<BTreeMap<String, Vec<Sent>>> = vec![BTreeMap::new(); WRITERS];
    for round in 0..ROUNDS {
        let mut server = Server::start(&database);
        let (count, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let url = server.url.clone();
        let writers = join_all((0..WRITERS).map(|writer| {
            let (count, enough) = (count.clone(), enough.clone());
            write(&clients, &url, (round, writer), move || {
                if count.fetch_add(1, Ordering::SeqCst) + 1 == ENOUGH {
                    enough.notify_one();
                }
            })
        }));
        let killed = async {
            enough.notified().await;
            server.kill();
        };
        let (written, ()) = tokio::join!(writers, killed);

        let server = Server::start(&database);
        let ready = clients.http.get(server.url.replace("/graphql", "/health/ready")).send().await.unwrap();
        assert_eq!(ready.status(), 200);
        for (writer, (done, under_way)) in written.into_iter().enumerate() {
            for (sent, answer) in &done {
                let again = clients.send(&server.url, writer, sent).await.unwrap();
                assert_eq!(again, *answer, "{sent:?} answers something else");
                remember(&mut histories[writer], answer, sent);
            }
            // Done or not before the end: with its key it is done once now.
            let sent = under_way.unwrap();
            let answer = clients.send(&server.url, writer, &sent).await.unwrap();
            assert_eq!(answer["userErrors"], json!([]), "{sent:?}");
            remember(&mut histories[writer], &answer, &sent);
        }
        for (writer, history) in histories.iter().enumerate() {
            compare(&clients, &server.url, writer, history).await;
        }
        drop(server);
        audited(app, &database).await;
        let checked = banyan(&database, &["check"]);
        let said = String::from_utf8_lossy(&checked.stdout);
        assert!(checked.status.success() && said.contains("everything stored is what the events say"), "{said}");
    }
});

/// Every event has its line in the audit log, and no line was lost between its commit and its sealing.
async fn audited(app: &TestApp, database: &str) {
    let config = Config { database_url: database.to_owned(), ..(*app.app.config).clone() };
    let store = Store::open(&config, false).await.unwrap();
    let tx = store.read().await.unwrap();
    let counts = [
        "SELECT COUNT(*) AS id FROM audit_entry WHERE outcome = 'DONE' AND object = 'INITIATIVE'",
        "SELECT COUNT(*) AS id FROM initiative_event",
    ];
    let mut numbers = Vec::new();
    for query in counts {
        numbers.extend(tx.ids(tx.sql(query)).await.unwrap());
    }
    drop(tx);
    store.close().await;
    assert_eq!(numbers[0], numbers[1], "lines and events");
    let sealed = banyan(database, &["audit", "seal"]);
    assert!(sealed.status.success() && !sealed.stdout.is_empty());
    let head = String::from_utf8_lossy(&sealed.stdout).lines().last().unwrap().split(' ').next().unwrap().to_owned();
    let checked = banyan(database, &["check", "--audit", "--head", &head]);
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(
        checked.status.success() && said.contains(" 0 lines wait to be sealed") && said.contains("the chain is whole"),
        "{said}"
    );
}

fn remember(history: &mut BTreeMap<String, Vec<Sent>>, answer: &Value, sent: &Sent) {
    history.entry(answer["initiative"]["code"].as_str().unwrap().to_owned()).or_default().push(sent.clone());
}

/// The writer's initiatives are those of his history, each with one event for each of its mutations.
async fn compare(clients: &Clients, url: &str, writer: usize, history: &BTreeMap<String, Vec<Sent>>) {
    let token = &clients.members[writer];
    let total = "{ viewer { initiatives(first: 1) { totalCount } } }";
    let data = clients.query(url, token, total, json!({})).await.unwrap();
    assert_eq!(data["viewer"]["initiatives"]["totalCount"], history.len());
    let query = "query($code: String!) { initiative(code: $code) { version events(first: 9) { nodes { action } } } }";
    for (code, sent) in history {
        let data = clients.query(url, token, query, json!({ "code": code })).await.unwrap();
        let actions = ["DRAFT", "SUBMIT", "APPROVE"][..sent.len()].iter().map(|action| json!({ "action": action }));
        let expected = json!({ "version": sent.len(), "events": { "nodes": actions.collect::<Vec<_>>() } });
        assert_eq!(data["initiative"], expected, "{code}");
    }
}

/// A federation for a server that lives by the real clock: its programme takes initiatives in any year.
pub async fn federation(app: &TestApp) {
    app.small_federation().await;
    let phase = json!({ "code": "1", "name": "Một", "appliedFrom": "2025-01-01", "appliedTo": "2025-12-31",
                        "enteredFrom": "2000-01-01", "enteredTo": "9999-12-31" });
    let input = json!({ "code": "LAU", "name": "Lâu dài", "startsOn": "2025-01-01", "planEndsOn": "9999-12-31", "visibility": "PUBLIC",
                        "phases": [phase], "groups": [{ "code": "A", "name": "A" }] });
    app.operator().await.mutate("programmeCreate", input, "programme { id }").await.done();
}

/// The database's URL. A file is copied: nobody but the server that is killed may hold it open.
pub async fn own_database(app: &TestApp) -> (String, Option<TempDir>) {
    let url = &app.app.config.database_url;
    if !url.starts_with("sqlite:") {
        return (url.clone(), None);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.db").display().to_string();
    app.app.store.migrator().execute_unprepared(&format!("VACUUM INTO '{path}'")).await.unwrap();
    (format!("sqlite://{path}"), Some(folder))
}

/// A token of a new person that holds for a century.
pub async fn token(app: &TestApp, unit: &str, role: Role) -> String {
    let new = NewAccount {
        display_name: "Người viết".to_owned(),
        email: None,
        phone: None,
        unit: unit.to_owned(),
        grants: vec![(unit.to_owned(), role)],
        consent: false,
    };
    let tx = app.app.store.write().await.unwrap();
    let id = account::open(&app.app, &tx, &new).await.unwrap();
    let century = 100 * 365 * 24 * 3_600_000;
    let token = account::issue(&app.app, &tx, id, "test", century).await.unwrap();
    tx.commit().await.unwrap();
    token.secret
}

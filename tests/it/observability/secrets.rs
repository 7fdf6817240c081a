//! Nothing that is secret or personal is in what a server says, however talkative it is told to be.

use banyan::graphql::account_id;
use entity::enums::{OneTimePurpose, Role};
use futures_util::{SinkExt, StreamExt};
use reqwest::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, COOKIE};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::collector::Collector;
use super::process::Process;
use crate::access::cast::sql;
use crate::crash::{federation, own_database};
use crate::identity::one_time;
use crate::support::{Socket, TestApp, both};

const EMAIL: &str = "chim.canary@example.org";
const PHONE: &str = "+84987654321";
const NAME: &str = "Hoàng Yến Canary";
const PASSWORD: &str = "mật khẩu chim hoàng yến";
const WRONG: &str = "không phải mật khẩu ấy";
const TITLE: &str = "Sáng kiến nuôi chim yến";
const SEARCHED: &str = "tìm chim yến nào";
const IN_QUERY: &str = "canaryInQueryString";
const IN_BODY: &str = "canaryInBrokenBody";
const IN_HEADER: &str = "canaryInHeader";
const IN_COOKIE: &str = "canaryInCookie";
const IN_PATH: &str = "canaryInPath";
const IN_METHOD: &str = "CANARYMETHOD";
const OPERATION: &str = "canaryOperation";
const FIELD: &str = "canaryField";
const LANGUAGE: &str = "canary-LANGUAGE";
const INVITED: &str = "invited.canary@example.org";
const NOTE: &str = "canary ghi chú";

/// Somebody who talks to the program, and everything that must not come out of it again.
struct Client {
    http: reqwest::Client,
    url: String,
    canaries: Vec<String>,
}

impl Client {
    async fn ask(&mut self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let request = self.http.post(&self.url).json(&json!({ "query": query, "variables": variables }));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let text = answer.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"))
    }

    async fn mutate(&mut self, token: Option<&str>, name: &str, input: Value, select: &str) -> Value {
        let (first, rest) = name.split_at(1);
        let query = format!(
            "mutation($input: {}{rest}Input!) {{ {name}(input: $input) {{ {select} userErrors {{ code }} }} }}",
            first.to_uppercase()
        );
        let answer = self.ask(token, &query, json!({ "input": input })).await;
        answer["data"][name].clone()
    }

    /// Keeps a secret that the server gave.
    fn secret(&mut self, of: &Value) -> String {
        let secret = of.as_str().unwrap_or_else(|| panic!("{of} is no secret")).to_owned();
        self.canaries.push(secret.clone());
        secret
    }
}

/// An ADMIN of the unit with name, address, number and password.
async fn prepare(app: &TestApp) -> String {
    federation(app).await;
    let actor = app.person("P01", &[("P01", Role::Admin), ("G1", Role::Member)]).await;
    let id = account_id(actor.id()).unwrap();
    let set = format!("email = '{EMAIL}', phone = '{PHONE}', display_name = '{NAME}'");
    assert_eq!(sql(app, &format!("UPDATE account SET {set} WHERE id = {id}")).await, 1);
    let token = one_time(app, &actor, OneTimePurpose::Invitation, 3_600_000).await;
    let input = json!({ "token": token, "password": PASSWORD });
    app.anonymous().mutate("passwordSet", input, "tokens { session }").await.done();
    token
}

/// Everything that somebody may do with what is secret.
async fn everything(client: &mut Client) {
    let tokens = "tokens { accessToken refreshToken }";
    for login in [EMAIL, PHONE] {
        let wrong = json!({ "login": login, "password": WRONG });
        let refused = client.mutate(None, "signIn", wrong, tokens).await;
        assert_eq!(refused["userErrors"][0]["code"], "WRONG_CREDENTIALS");
    }
    let right = json!({ "login": EMAIL, "password": PASSWORD, "device": NAME });
    let signed_in = client.mutate(None, "signIn", right, tokens).await;
    let refresh = client.secret(&signed_in["tokens"]["refreshToken"]);
    client.secret(&signed_in["tokens"]["accessToken"]);
    let fresh = client.mutate(None, "sessionRefresh", json!({ "refreshToken": refresh }), tokens).await;
    let access = client.secret(&fresh["tokens"]["accessToken"]);
    client.secret(&fresh["tokens"]["refreshToken"]);
    let me = Some(access.as_str());

    // By an API token, in many places.
    let new = json!({ "name": NAME, "roles": ["ADMIN"] });
    let made = client.mutate(me, "tokenCreate", new, "secret").await;
    let api_token = client.secret(&made["secret"]);
    let named = client.ask(Some(&api_token), "{ viewer { account { displayName email } } }", json!({})).await;
    assert_eq!(named["data"]["viewer"]["account"]["displayName"], NAME);

    let draft = json!({ "unit": "G1", "programme": "LAU", "phase": "1", "group": "A", "solution": "TECHNICAL", "title": TITLE,
                        "appliedOn": "2025-06-15", "claimedBenefit": "10" });
    let drafted = client.mutate(me, "initiativeDraft", draft, "initiative { id }").await;
    let id = drafted["initiative"]["id"].as_str().unwrap().to_owned();
    client.mutate(me, "initiativeSubmit", json!({ "id": id, "version": 7, "note": NOTE }), "initiative { id }").await;
    client.mutate(me, "initiativeReturn", json!({ "id": id, "version": 1, "note": NOTE }), "initiative { id }").await;
    let search = "query($text: String!) { initiatives(first: 5, search: $text) { totalCount } }";
    let found = client.ask(me, search, json!({ "text": SEARCHED })).await;
    assert_eq!(found["data"]["initiatives"]["totalCount"], 0);
    client.ask(me, &format!("{{ units(first: 1, search: \"{SEARCHED}\") {{ totalCount }} }}"), json!({})).await;

    let invite = json!({ "displayName": NAME, "email": INVITED, "unit": "G1", "roles": ["MEMBER"] });
    let invited = client.mutate(me, "accountInvite", invite, "token").await;
    let invitation = client.secret(&invited["token"]);
    let set = json!({ "token": invitation, "password": PASSWORD });
    let joined = client.mutate(None, "passwordSet", set.clone(), tokens).await;
    client.secret(&joined["tokens"]["accessToken"]);
    client.mutate(None, "passwordSet", set, tokens).await;
    client.mutate(None, "passwordResetRequest", json!({ "login": EMAIL }), "__typename").await;
    let change = json!({ "currentPassword": WRONG, "newPassword": PASSWORD });
    client.mutate(me, "passwordChange", change, "__typename").await;
    odd_requests(client, &access).await;
    sockets(client, &access).await;
    // A refresh token that comes back ends its session.
    let again = client.mutate(None, "sessionRefresh", json!({ "refreshToken": refresh }), tokens).await;
    assert_eq!(again["userErrors"][0]["code"], "SESSION_ENDED");
    client.ask(me, "{ __typename }", json!({})).await;
}

/// What is no GraphQL request, or no good one.
async fn odd_requests(client: &mut Client, access: &str) {
    let (http, url) = (client.http.clone(), client.url.clone());
    let origin = url.trim_end_matches("/graphql").to_owned();
    let jwt = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImNhbmFyeSJ9.eyJzdWIiOiJjYW5hcnkifQ.canarySignature";
    client.canaries.push(jwt.to_owned());
    let odd_jwt = "eyJhbGciOiJjYW5hcnlBbGdvcml0aG0ifQ.e30.x";
    client.canaries.extend([odd_jwt.to_owned(), "canaryAlgorithm".to_owned()]);
    let token = format!("byn_{}", "canary".repeat(8));
    client.canaries.push(token.clone());
    let post = || http.post(&url).header(CONTENT_TYPE, "application/json");
    let requests = vec![
        post().body(format!("{{\"query\": \"{IN_BODY}\", \"token\": \"{access}")),
        post().body(format!("{{\"query\": \"{{ {FIELD} }}\", \"operationName\": \"{OPERATION}\"}}")),
        post().body(format!("{{\"query\": \"query {OPERATION} {{ a: __typename {FIELD} }}\"}}")),
        post()
            .body(format!("{{\"query\": \"query {OPERATION} {{ __typename }}\", \"operationName\": \"{OPERATION}\"}}")),
        post().body(format!("{{\"query\": \"{{ __typename }}\", \"operationName\": \"{EMAIL}\"}}")),
        post().body(json!({ "query": "{ __typename }", "documentId": IN_BODY }).to_string()),
        post().body(json!([{ "query": IN_BODY }]).to_string()),
        post().body(json!({ "query": "query($x: Date!) { __typename }", "variables": { "x": IN_BODY } }).to_string()),
        post().body(vec![0xff, 0xfe, 0x00]),
        post().body(IN_BODY.repeat(100_000)),
        post().header(CONTENT_TYPE, IN_HEADER).body(IN_BODY),
        post().bearer_auth(&token).body("{}"),
        post().bearer_auth(jwt).body("{}"),
        post().bearer_auth(odd_jwt).body("{}"),
        post().header(AUTHORIZATION, format!("Basic {IN_HEADER}")).body("{}"),
        post().header(AUTHORIZATION, IN_HEADER).header(AUTHORIZATION, access).body("{}"),
        post().header(COOKIE, format!("session={IN_COOKIE}")).body(json!({ "query": "{ __typename }" }).to_string()),
        post().header(ACCEPT_LANGUAGE, LANGUAGE).header("x-request-id", format!("{IN_HEADER} \" x")).body("{}"),
        post().header("x-forwarded-for", IN_HEADER).header("forwarded", IN_HEADER).body("{}"),
        post().header("traceparent", IN_HEADER).header("origin", format!("https://{IN_HEADER}")).body("{}"),
        http.get(&url).query(&[("query", "{ __typename }"), ("variables", IN_QUERY), ("token", access)]),
        http.get(&url).query(&[
            ("query", "query($t: String!) { unit(code: $t) { name } }"),
            ("variables", &format!("{{\"t\": \"{IN_QUERY}\"}}")),
        ]),
        http.get(format!("{origin}/invite/{IN_PATH}?token={access}")),
        http.request(IN_METHOD.parse().unwrap(), &url),
    ];
    for request in requests {
        // Of a large body the server reads no more than it must, and the provider is not there: 503.
        let status = request.send().await.map_or(413, |answer| answer.status().as_u16());
        assert!(status < 500 || status == 503, "{status}");
    }
}

/// Libraries of WebSockets tell every message, if they are let.
async fn sockets(client: &mut Client, access: &str) {
    for token in [access, IN_HEADER] {
        let mut socket = Socket::plain(&client.url).await;
        let payload = json!({ "Authorization": format!("Bearer {token}"), "cookie": IN_COOKIE });
        socket.send(json!({ "type": "connection_init", "payload": payload })).await;
        if token == access {
            assert_eq!(socket.next().await["type"], "connection_ack");
            let query = "query($t: String!) { units(first: 1, search: $t) { totalCount } }";
            socket.subscribe(OPERATION, query, json!({ "t": SEARCHED })).await;
            assert_eq!(socket.next().await["type"], "next");
            // One name twice: the reason of the close has it.
            let document = "subscription { rollupChanged(unit: \"P01\", programme: \"LAU\") { submitted } }";
            socket.subscribe(FIELD, document, json!({})).await;
            socket.subscribe(FIELD, document, json!({})).await;
            assert_eq!(socket.closed().await.0, 4409);
        } else {
            assert_eq!(socket.closed().await.0, 4403);
        }
    }
    let mut socket = Socket::plain(&client.url).await;
    socket.stream.send(Message::text(IN_BODY)).await.unwrap();
    while let Some(Ok(_)) = socket.stream.next().await {}
}

fn assert_silent(where_: &str, said: &str, canaries: &[String]) {
    for canary in canaries {
        if let Some(at) = said.find(canary.as_str()) {
            let mut begin = at.saturating_sub(300);
            while !said.is_char_boundary(begin) {
                begin -= 1;
            }
            panic!("{canary} is in {where_}: {}", &said[begin..at + canary.len()]);
        }
    }
}

async fn no_canary_comes_out(app: &TestApp, format: &str) {
    let invitation = prepare(app).await;
    let (database, _folder) = own_database(app).await;
    let collector = Collector::start().await;
    let nobody = "http://127.0.0.1:9";
    let process = Process::start(
        &database,
        &[
            "--log-format",
            format,
            "--otlp-endpoint",
            &collector.url,
            "--oidc-issuer",
            nobody,
            "--oidc-audience",
            "banyan",
        ],
        &[("RUST_LOG", "trace"), ("OTEL_BSP_SCHEDULE_DELAY", "50")],
    );
    let url = process.word_after("Banyan answers at ").await;
    let metrics = process.word_after("Metrics stand at ").await;
    let fixed = [
        EMAIL,
        PHONE,
        "84987654321",
        "987654321",
        NAME,
        PASSWORD,
        WRONG,
        TITLE,
        SEARCHED,
        IN_QUERY,
        IN_BODY,
        IN_HEADER,
        IN_COOKIE,
        IN_PATH,
        IN_METHOD,
        OPERATION,
        FIELD,
        LANGUAGE,
        INVITED,
        NOTE,
        &invitation,
    ];
    let mut client = Client {
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        url,
        canaries: fixed.map(str::to_owned).into(),
    };
    everything(&mut client).await;
    let scraped = client.http.get(&metrics).send().await.unwrap().text().await.unwrap();
    assert!(scraped.contains("banyan_operations_total{kind=\"mutation\",name=\"initiativeDraft\",outcome=\"ok\"} 1"));
    collector.until(|span| span.name == "mutation initiativeDraft").await;
    let said = process.stop();
    // It did talk: of every request, and below INFO.
    assert!(said.matches("answered").count() > 40 && said.contains("DEBUG") && !collector.lines().is_empty(), "{said}");
    assert_silent("the log", &said, &client.canaries);
    assert_silent("the metrics", &scraped, &client.canaries);
    assert_silent("the spans", &String::from_utf8_lossy(&collector.bytes()), &client.canaries);
}

both!(
    async fn nothing_secret_or_personal_is_told_in_text(app: &TestApp) {
        no_canary_comes_out(app, "text").await;
    }
);

both!(
    async fn nothing_secret_or_personal_is_told_in_json(app: &TestApp) {
        no_canary_comes_out(app, "json").await;
    }
);

//! How people and programs come in, and how far.

mod linked;
mod passwords;
mod provider;
mod sessions;
mod sign_in;
mod tokens;

use banyan::account::one_time;
use entity::enums::{OneTimePurpose, Role};
use serde_json::{Value, json};

use crate::access::cast::sql;
use crate::support::{Actor, Reply, TestApp};

/// A password that is good enough.
pub const GOOD: &str = "tre già măng mọc lên";

/// The account's number in the database.
pub fn number(of: &Actor) -> i64 {
    banyan::graphql::account_id(of.id()).unwrap()
}

/// A MEMBER of the unit with an e-mail address and a password.
pub async fn with_password(app: &TestApp, unit: &str, email: &str, password: &str) -> Actor {
    let actor = app.person(unit, &[(unit, Role::Member)]).await;
    let id = number(&actor);
    assert_eq!(sql(app, &format!("UPDATE account SET email = '{email}' WHERE id = {id}")).await, 1);
    let token = one_time(app, &actor, OneTimePurpose::Invitation, 3_600_000).await;
    let input = json!({ "token": token, "password": password });
    app.anonymous().mutate("passwordSet", input, TOKENS).await.done();
    actor
}

/// A one-time token of the account that holds for some milliseconds.
pub async fn one_time(app: &TestApp, of: &Actor, purpose: OneTimePurpose, holds: i64) -> String {
    let tx = app.app.store.write().await.unwrap();
    let token = one_time::issue(&app.app, &tx, number(of), purpose, None, holds).await.unwrap();
    tx.commit().await.unwrap();
    token.secret
}

pub const TOKENS: &str = "tokens { accessToken accessExpiresAt refreshToken refreshExpiresAt session }";

/// The tokens of a session, as the server gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub all: Value,
}

impl Tokens {
    pub fn of(reply: &Reply, mutation: &str) -> Tokens {
        let all = reply.at(&format!("/{mutation}/tokens")).clone();
        let text = |name: &str| all[name].as_str().unwrap_or_else(|| panic!("{:?}", reply.body)).to_owned();
        Tokens { access: text("accessToken"), refresh: text("refreshToken"), all }
    }
}

pub async fn try_sign_in(app: &TestApp, login: &str, password: &str) -> Reply {
    app.anonymous().mutate("signIn", json!({ "login": login, "password": password, "device": "máy thử" }), TOKENS).await
}

pub async fn sign_in(app: &TestApp, login: &str, password: &str) -> Tokens {
    Tokens::of(&try_sign_in(app, login, password).await.done(), "signIn")
}

pub async fn try_refresh(app: &TestApp, refresh: &str, key: Option<&str>) -> Reply {
    let input = json!({ "refreshToken": refresh, "idempotencyKey": key });
    app.anonymous().mutate("sessionRefresh", input, TOKENS).await
}

/// Whether the bearer token opens anything: an account's id, or 401.
pub async fn opens(app: &TestApp, token: &str) -> bool {
    let reply = app.bearer(token).query("{ viewer { account { id } } }", json!({})).await;
    match reply.status {
        200 => {
            assert!(reply.text("/viewer/account/id").len() > 8);
            true
        }
        401 => {
            assert_eq!(reply.codes(), ["UNAUTHENTICATED"]);
            false
        }
        other => panic!("{other}: {}", reply.body),
    }
}

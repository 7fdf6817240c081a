//! API tokens through the API: `tokenCreate`, `tokenRevoke`, and the lists of one's own tokens and sessions.

use std::collections::HashMap;

use entity::enums::{AuditObject, Role, TokenKind};
use entity::{session, token};
use sea_orm::ActiveEnum;
use serde::{Serialize, Serializer};

use super::find_for;
use super::secret::{IssuedToken, Prefix, hash};
use super::token::{NewToken, keep};
use super::trail::unit_of;
use crate::access::{Credential, Right, Roles, Viewer, covered, own_grant, places};
use crate::app::App;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Faults, Result};
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::store::{Sql, Tx};
use crate::text::{self, message};

const DAY: i64 = 24 * 3_600_000;
/// How long a token holds where nothing is said, and at most.
const USUAL: i64 = 90 * DAY;
const LONGEST: i64 = 366 * DAY;
/// How many of one's tokens may be good at the same time.
const MOST: i64 = 100;

/// `tokenCreate`: a token for a program, with no more than its maker holds.
#[derive(Serialize)]
pub struct TokenCreate {
    name: String,
    #[serde(serialize_with = "names")]
    roles: Vec<Role>,
    /// Code of the unit that bounds it.
    unit: Option<String>,
    /// Milliseconds since the epoch.
    expires_at: Option<i64>,
    /// Drawn beforehand: the answer shows it once.
    #[serde(skip)]
    secret: String,
}

fn names<S: Serializer>(roles: &[Role], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_seq(roles.iter().map(|role| role.to_value()))
}

impl TokenCreate {
    pub fn new(
        app: &App,
        name: String,
        roles: Vec<Role>,
        unit: Option<String>,
        expires_at: Option<i64>,
    ) -> TokenCreate {
        TokenCreate { name, roles, unit, expires_at, secret: Prefix::Api.draw(app) }
    }

    /// The secret, if the token that was answered was made now: a repeated mutation does not show it again.
    pub fn secret_of(&self, made: &token::Model) -> Option<&str> {
        (made.hash == hash(&self.secret)).then_some(self.secret.as_str())
    }
}

impl Command for TokenCreate {
    const NAME: &'static str = "tokenCreate";

    fn about(&self) -> About<'_> {
        self.unit.as_deref().map_or(About::Federation, About::Unit)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let maker = work.viewer.in_person()?;
        let now = work.app.now();
        let mut faults = Faults::default();
        let name = faults.take(text::line("name", &self.name, 200));
        if self.roles.is_empty() {
            faults.add(ErrorCode::Required, "roles", message!("name at least one role"));
        }
        let expires_at = self.expires_at.unwrap_or(now + USUAL);
        if expires_at <= now || expires_at > now + LONGEST {
            faults.add(
                ErrorCode::OutOfRange,
                "expiresAt",
                message!("a token ends in the future, and at most 366 days from now"),
            );
        }
        let name = faults.finish_with(name)?;
        let unit = self.bound(work).await?;
        if alive(work.tx, maker, now).await? >= MOST {
            let message = message!("you have {most} tokens that are good: revoke one first", most = MOST);
            return Err(Error::user(ErrorCode::OutOfRange, "", message));
        }
        let new =
            NewToken { account: maker, name, roles: Roles::of(&self.roles), unit, made_by: Some(maker), expires_at };
        let token = IssuedToken { secret: self.secret.clone(), expires_at };
        let (roles, name) = (new.roles.to_text(), new.name.clone());
        let id = keep(work.app, work.tx, new, &token).await?;
        let home = match unit {
            Some(unit) => Some(unit),
            None => unit_of(work.tx, maker).await?,
        };
        let done = Done::of(AuditObject::Token, id, home).field("roles", None, roles).field(
            "expiresAt",
            None,
            Some(expires_at),
        );
        Ok(done.hidden("name", None, Some(name)))
    }
}

impl TokenCreate {
    /// The unit that bounds the token, once it is sure that the maker holds all its roles there, or anywhere.
    async fn bound(&self, work: &Work<'_>) -> Result<Option<i64>> {
        let (tx, viewer) = (work.tx, work.viewer);
        let lacks = |role: &Role| {
            let role = role.to_value();
            Err(Error::Forbidden(message!("a token has no more than its maker: you do not hold {role} there", role)))
        };
        let Some(code) = &self.unit else {
            let held = held_roles(tx, viewer).await?;
            return self.roles.iter().find(|role| !held.has(**role)).map_or(Ok(None), lacks);
        };
        let mut sql = tx.sql("SELECT u.id FROM unit u WHERE u.code = ");
        let bound = sql.bind(code.replace('\0', ""));
        let scope = covered(&mut sql, viewer, Right::ReadAggregates, "u.id");
        sql.push(&format!("{bound} AND {scope}"));
        let unit = tx.ids(sql).await?.pop().ok_or_else(|| Error::unit_not_found(code))?;
        let places = places(tx, viewer, &[unit]).await?.remove(&unit).unwrap_or_default();
        self.roles.iter().find(|role| !places.hold(**role)).map_or(Ok(Some(unit)), lacks)
    }
}

/// The roles that the viewer holds anywhere.
async fn held_roles(tx: &Tx, viewer: Viewer) -> Result<Roles> {
    let mut sql = tx.sql("SELECT r.* FROM role_grant r WHERE ");
    let own = own_grant(&mut sql, viewer, "r");
    sql.push(&own);
    let roles: Vec<Role> = tx.all::<entity::role_grant::Model>(sql).await?.iter().map(|grant| grant.role).collect();
    Ok(Roles::of(&roles))
}

async fn alive(tx: &Tx, account: i64, now: i64) -> Result<i64> {
    let mut sql = tx.sql("SELECT COUNT(*) AS id FROM token WHERE account_id = ");
    let (account, now) = (sql.bind(account), sql.bind(now));
    sql.push(&format!("{account} AND kind = 'API' AND revoked_at IS NULL AND expires_at > {now}"));
    Ok(tx.ids(sql).await?.pop().unwrap_or(0))
}

/// `tokenRevoke`: a token ends now, one's own or one of a person whom one may reset: whoever may reset an account could come in as its
/// person and do it.
#[derive(Serialize)]
pub struct TokenRevoke {
    /// None: the id is no token's.
    pub id: Option<i64>,
}

impl Command for TokenRevoke {
    const NAME: &'static str = "tokenRevoke";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Token, self.id.unwrap_or(0))
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let me = work.viewer.in_person()?;
        let id = self.id.ok_or_else(Error::id_not_found)?;
        let account = owner(work.tx, id).await?.ok_or_else(Error::id_not_found)?;
        if account != me {
            find_for(work, account, Right::Reset).await?;
        }
        let mut sql = work.tx.sql("UPDATE token SET revoked_at = ");
        let (now, bound) = (sql.bind(work.app.now()), sql.bind(id));
        sql.push(&format!("{now} WHERE id = {bound} AND revoked_at IS NULL"));
        work.tx.run(sql).await?;
        Ok(Done::of(AuditObject::Token, id, unit_of(work.tx, account).await?))
    }
}

async fn owner(tx: &Tx, id: i64) -> Result<Option<i64>> {
    let mut sql = tx.sql("SELECT account_id AS id FROM token WHERE id = ");
    let (id, kind) = (sql.bind(id), TokenKind::Api.to_value());
    sql.push(&format!("{id} AND kind = '{kind}'"));
    Ok(tx.ids(sql).await?.pop())
}

/// Ends an API token, whoever's it is, for the command line; whose it was, or none that still held.
pub async fn end(app: &App, tx: &Tx, id: i64) -> Result<Option<i64>> {
    let mut sql = tx.sql("UPDATE token SET revoked_at = ");
    let (now, id, kind) = (sql.bind(app.now()), sql.bind(id), TokenKind::Api.to_value());
    sql.push(&format!(
        "{now} WHERE id = {id} AND kind = '{kind}' AND revoked_at IS NULL AND expires_at > {now} RETURNING account_id AS id"
    ));
    Ok(tx.ids(sql).await?.pop())
}

/// Ends every API token of the account.
pub async fn revoke_all(app: &App, tx: &Tx, account: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE token SET revoked_at = ");
    let (now, account) = (sql.bind(app.now()), sql.bind(account));
    sql.push(&format!("{now} WHERE account_id = {account} AND revoked_at IS NULL"));
    tx.run(sql).await?;
    Ok(())
}

/// A condition: an API token of one's own; a program sees but the one that it came in by.
fn own(sql: &mut Sql, viewer: Viewer) -> String {
    let (me, kind) = (sql.bind(viewer.id_or_zero()), TokenKind::Api.to_value());
    let mine = format!("t.account_id = {me} AND t.kind = '{kind}'");
    match viewer.credential() {
        Credential::Api { token } => format!("{mine} AND t.id = {}", sql.bind(token)),
        _ => mine,
    }
}

/// Those of the tokens that are one's own; one statement.
pub async fn by_id(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, token::Model>> {
    let mut sql = tx.sql("SELECT t.* FROM token t WHERE ");
    let own = own(&mut sql, viewer);
    let these = sql.any_id("t.id", ids);
    sql.push(&format!("{own} AND {these}"));
    Ok(tx.all::<token::Model>(sql).await?.into_iter().map(|token| (token.id, token)).collect())
}

/// A page of one's own tokens, the newest first.
pub async fn page(tx: &Tx, viewer: Viewer, args: &PageArgs) -> Result<Page<token::Model>> {
    Ok(listing(tx, viewer).pages(tx, &[0], args).await?.remove(&0).unwrap_or_default())
}

pub async fn count(tx: &Tx, viewer: Viewer) -> Result<i64> {
    Ok(listing(tx, viewer).counts(tx, &[0]).await?.remove(&0).unwrap_or(0))
}

fn listing(tx: &Tx, viewer: Viewer) -> Listing {
    let mut sql = tx.sql("");
    let own = own(&mut sql, viewer);
    Listing {
        sql,
        columns: "t.*".to_owned(),
        from: "token t".to_owned(),
        id: "t.id",
        conditions: vec![own],
        order: "tokens".to_owned(),
        keys: vec![Key::desc("t.created_at", KeyKind::Int), Key::desc("t.id", KeyKind::Int)],
    }
}

/// One's own sessions that are alive, the one refreshed last first; a program sees none.
pub async fn sessions(tx: &Tx, viewer: Viewer, now: i64) -> Result<Vec<session::Model>> {
    if matches!(viewer.credential(), Credential::Api { .. }) {
        return Ok(Vec::new());
    }
    let mut sql = tx.sql("SELECT * FROM session WHERE account_id = ");
    let (me, now) = (sql.bind(viewer.id_or_zero()), sql.bind(now));
    sql.push(&format!("{me} AND revoked_at IS NULL AND expires_at > {now} ORDER BY refreshed_at DESC, id LIMIT 200"));
    tx.all(sql).await
}

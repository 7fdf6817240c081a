//! `banyan token`: tokens to sign in with.

use chrono::SecondsFormat;
use clap::Subcommand;
use entity::enums::{AuditObject, OneTimePurpose, Role};
use serde_json::json;

use super::failure::Outcome;
use super::{database, print, tokens};
use crate::access::Roles;
use crate::account::{IssuedToken, NewToken, home, make, one_time};
use crate::app::App;
use crate::audit::{self, Done, Origin};
use crate::clock;
use crate::config::Config;
use crate::graphql::account_node_id;
use crate::import::people::{self, Who};

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;
pub(super) const NOBODY: &str = "no account has this e-mail address, phone number or id";

const EXAMPLES: &str = "\
Example:
  banyan token create --account a@example.org --name 'reporting tool' --days 30

The token is shown once; only its hash is stored. Clients send it as the header `Authorization: Bearer TOKEN`.";

#[derive(Subcommand)]
pub enum Command {
    /// Make a token for an account and print it, once
    #[command(after_help = EXAMPLES)]
    Create(Create),
    /// Make a one-time token with which a person chooses a password, and print it, once
    #[command(after_help = ONE_TIME)]
    OneTime(OneTime),
    /// List API tokens, one a line: id, account, name, roles, unit, end, and whether it holds
    List(tokens::List),
    /// End an API token now
    Revoke(tokens::Revoke),
}

const ONE_TIME: &str = "\
Example:
  banyan token one-time --account a@example.org

Hand it over by a safe way: whoever has it chooses the password (mutation passwordSet), or links the account to the identity provider
(mutation identityLink).";

#[derive(clap::Args)]
pub struct OneTime {
    /// Whose: e-mail address, phone number or account id
    #[arg(long, value_name = "PERSON", value_parser = Who::parse)]
    account: Who,
    /// For how many hours it holds
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=2_160))]
    hours: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub struct Create {
    /// Whose: e-mail address, phone number or account id
    #[arg(long, value_name = "PERSON", value_parser = Who::parse)]
    account: Who,
    /// What the token is for
    #[arg(long, default_value = "command line")]
    name: String,
    /// A role that it carries (may be given several times); without any, all that the person holds
    #[arg(long = "role", value_name = "ROLE", value_parser = super::account::role)]
    roles: Vec<Role>,
    /// Code of the unit that bounds it, where the person holds what it carries
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// For how many days it holds
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
    days: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(config: Config, command: Command) -> Outcome {
    match command {
        Command::Create(create) => create_token(config, create).await,
        Command::OneTime(of) => one_time_token(config, of).await,
        Command::List(list) => tokens::list(config, list).await,
        Command::Revoke(revoke) => tokens::revoke(config, revoke).await,
    }
}

async fn one_time_token(config: Config, of: OneTime) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let tx = store.write().await?;
    let Some(account) = people::find(&tx, [&of.account]).await?.remove(&of.account) else {
        return Err(NOBODY.to_owned().into());
    };
    let token = one_time::issue(&app, &tx, account, OneTimePurpose::PasswordReset, None, of.hours * HOUR).await?;
    let done = Done::of(AuditObject::Account, account, home(&tx, account).await?).field("hours", None, Some(of.hours));
    audit::write(&app, &tx, &Origin::COMMAND_LINE, "token one-time", &done).await?;
    tx.commit().await?;
    store.close().await;
    print_token(&app, account, &token, of.json)
}

async fn create_token(config: Config, create: Create) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let name = crate::text::line("name", &create.name, 200).map_err(|error| error.message.english())?;
    let tx = store.write().await?;
    let Some(account) = people::find(&tx, [&create.account]).await?.remove(&create.account) else {
        return Err(NOBODY.to_owned().into());
    };
    let unit = match &create.unit {
        None => None,
        Some(code) => {
            let mut sql = tx.sql("SELECT id FROM unit WHERE code = ");
            let bound = sql.bind(code.as_str());
            sql.push(&bound);
            let found = tx.ids(sql).await?.pop();
            Some(found.ok_or_else(|| format!("no unit has the code \"{code}\""))?)
        }
    };
    tokens::check_held(&tx, account, &create.roles, unit, create.unit.as_deref()).await?;
    let roles = if create.roles.is_empty() { Roles::ALL } else { Roles::of(&create.roles) };
    let expires_at = app.now() + create.days * DAY;
    let new = NewToken { account, name: name.clone(), roles, unit, made_by: None, expires_at };
    let (_, token) = make(&app, &tx, new).await?;
    let done = Done::of(AuditObject::Account, account, home(&tx, account).await?)
        .field("name", None, Some(name))
        .field("roles", None, roles.to_text())
        .field("unit", None, create.unit)
        .field("days", None, Some(create.days));
    audit::write(&app, &tx, &Origin::COMMAND_LINE, "token create", &done).await?;
    tx.commit().await?;
    store.close().await;
    print_token(&app, account, &token, create.json)
}

fn print_token(app: &App, account: i64, token: &IssuedToken, as_json: bool) -> Outcome {
    let until = clock::instant(token.expires_at).with_timezone(&app.config.time_zone);
    let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
    if as_json {
        let account = account_node_id(account);
        return print::json(&json!({ "token": token.secret, "account": account, "expiresAt": until }));
    }
    print::line(&token.secret)?;
    // Not on stdout: a script takes the token from there.
    eprintln!("holds until {until}; it is not shown again");
    Ok(())
}

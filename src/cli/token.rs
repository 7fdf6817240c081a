//! `banyan token`: tokens to sign in with.

use chrono::SecondsFormat;
use clap::Subcommand;
use entity::enums::AuditObject;
use serde_json::json;

use super::failure::Outcome;
use super::{database, print};
use crate::account::{IssuedToken, home, issue};
use crate::app::App;
use crate::audit::{self, Done, Origin};
use crate::clock;
use crate::config::Config;
use crate::graphql::account_node_id;
use crate::import::people::{self, Who};

const DAY: i64 = 24 * 60 * 60 * 1000;

const EXAMPLES: &str = "\
Example:
  banyan token create --account a@example.org --name 'reporting tool' --days 30

The token is shown once; only its hash is stored. Clients send it as the header `Authorization: Bearer TOKEN`.";

#[derive(Subcommand)]
pub enum Command {
    /// Make a token for an account and print it, once
    #[command(after_help = EXAMPLES)]
    Create(Create),
}

#[derive(clap::Args)]
pub struct Create {
    /// Whose: e-mail address, phone number or account id
    #[arg(long, value_name = "PERSON", value_parser = Who::parse)]
    account: Who,
    /// What the token is for
    #[arg(long, default_value = "command line")]
    name: String,
    /// For how many days it holds
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(config: Config, command: Command) -> Outcome {
    let Command::Create(create) = command;
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let name = crate::text::line("name", &create.name, 200).map_err(|error| error.message.english())?;
    let tx = store.write().await?;
    let Some(account) = people::find(&tx, [&create.account]).await?.remove(&create.account) else {
        return Err("no account has this e-mail address, phone number or id".to_owned().into());
    };
    let token = issue(&app, &tx, account, &name, create.days * DAY).await?;
    let done = Done::of(AuditObject::Account, account, home(&tx, account).await?)
        .field("name", None, Some(&name))
        .field("days", None, Some(create.days.to_string()).as_ref());
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

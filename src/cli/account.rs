//! `banyan account`: people and their roles, from the command line. This is how the first admin comes in.

use clap::Subcommand;
use entity::enums::{AuditObject, Role};
use sea_orm::{ActiveEnum, Iterable};
use serde_json::json;

use super::failure::Outcome;
use super::{database, people, print};
use crate::account::{NewAccount, home, identity, open};
use crate::app::App;
use crate::audit::{self, Done, Origin};
use crate::config::Config;
use crate::graphql::account_node_id;

const EXAMPLES: &str = "\
Examples:
  The first admin and operator, at the root TLD:
    banyan account create --name 'Nguyễn A' --email a@example.org --unit TLD --role ADMIN --role OPERATOR
  A member of one unit who reviews another:
    banyan account create --name 'Trần B' --phone 0912345678 --unit D001-G1 --role MEMBER --grant D002:REVIEWER

Roles, at the unit and everything below it: MEMBER sends in initiatives, REVIEWER decides on them, ANALYST reads, ADMIN
manages units, people and targets; OPERATOR, at the root alone, makes programmes.";

#[derive(Subcommand)]
pub enum Command {
    /// Open an account for a person; `banyan token create` then makes the token to sign in with
    #[command(after_help = EXAMPLES)]
    Create(Create),
    /// List people with their units and roles, one a line: id, name, e-mail, phone, unit, roles
    List(people::List),
    /// Give a person a role at a unit
    Grant(people::Grant),
    /// Take a role away; the last ADMIN of a unit only if that is meant
    Revoke(people::Revoke),
    /// Take away a person's data and every way in, for good; every count stays
    Erase(people::Erase),
    /// Print everything that is stored about a person, as JSON
    Export(people::Person),
}

#[derive(clap::Args)]
pub struct Create {
    /// The name that others see
    #[arg(long)]
    name: String,
    /// Code of the unit that the person belongs to
    #[arg(long, value_name = "CODE")]
    unit: String,
    /// E-mail address, unique
    #[arg(long)]
    email: Option<String>,
    /// Phone number, unique; 0 at the front means Vietnam
    #[arg(long)]
    phone: Option<String>,
    /// A role at --unit (may be given several times): MEMBER, REVIEWER, ANALYST, ADMIN or OPERATOR
    #[arg(long = "role", value_name = "ROLE", value_parser = role)]
    roles: Vec<Role>,
    /// A role at another unit, such as P01:REVIEWER (may be given several times)
    #[arg(long = "grant", value_name = "UNIT:ROLE", value_parser = grant)]
    grants: Vec<(String, Role)>,
    /// The person's id at the identity provider of --oidc-issuer: its tokens open the account
    #[arg(long, value_name = "ID", requires = "oidc_issuer")]
    subject: Option<String>,
    /// The person agrees that the name is shown outside the unit
    #[arg(long)]
    consent: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    let roles = || Role::iter().map(|role| role.to_value()).collect::<Vec<_>>().join(", ");
    Role::try_from_value(&text.to_uppercase()).map_err(|_| format!("no such role; the roles are: {}", roles()))
}

fn grant(text: &str) -> Result<(String, Role), String> {
    let (unit, name) = text.split_once(':').ok_or("this is not UNIT:ROLE, such as P01:REVIEWER")?;
    Ok((unit.to_owned(), role(name)?))
}

pub async fn run(config: Config, command: Command) -> Outcome {
    match command {
        Command::Create(new) => create(config, new).await,
        Command::List(list) => people::list(config, list).await,
        Command::Grant(grant) => people::grant(config, grant).await,
        Command::Revoke(revoke) => people::revoke(config, revoke).await,
        Command::Erase(erase) => people::erase(config, erase).await,
        Command::Export(person) => people::export(config, person).await,
    }
}

async fn create(config: Config, create: Create) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let mut grants: Vec<_> = create.roles.iter().map(|role| (create.unit.clone(), *role)).collect();
    grants.extend(create.grants);
    grants.sort();
    grants.dedup();
    let new = NewAccount {
        display_name: create.name,
        email: create.email,
        phone: create.phone,
        unit: create.unit,
        grants,
        consent: create.consent,
    };
    let tx = store.write().await?;
    let id = open(&app, &tx, &new).await?;
    if let (Some(subject), Some(issuer)) = (&create.subject, &app.config.identity.oidc.oidc_issuer) {
        identity::keep(&app, &tx, id, issuer, subject).await?;
    }
    let grants: Vec<String> = new.grants.iter().map(|(unit, role)| format!("{unit}:{}", role.to_value())).collect();
    let done = Done::of(AuditObject::Account, id, home(&tx, id).await?)
        .personal(id, "displayName", None, Some(&new.display_name))
        .personal(id, "email", None, new.email.as_deref())
        .personal(id, "phone", None, new.phone.as_deref())
        .field("grants", None, Some(grants.join(", ")).filter(|grants| !grants.is_empty()))
        .personal(id, "subject", None, create.subject.as_deref())
        .field("consent", None, Some(new.consent));
    audit::write(&app, &tx, &Origin::COMMAND_LINE, "account create", &done).await?;
    tx.commit().await?;
    let id = account_node_id(id);
    store.close().await;
    print_account(&id, &new, create.json)
}

fn print_account(id: &str, new: &NewAccount, as_json: bool) -> Outcome {
    if as_json {
        let grants: Vec<_> =
            new.grants.iter().map(|(unit, role)| json!({ "unit": unit, "role": role.to_value() })).collect();
        return print::json(&json!({
            "id": id,
            "displayName": new.display_name,
            "unit": new.unit,
            "grants": grants,
        }));
    }
    print::line(format_args!("opened the account {id} of {}, unit {}", new.display_name, new.unit))?;
    for (unit, role) in &new.grants {
        print::line(format_args!("  {} at {unit}", role.to_value()))?;
    }
    if new.grants.is_empty() {
        print::line("  without a role yet")?;
    }
    print::line(format_args!("a token to sign in with: banyan token create --account {id}"))
}

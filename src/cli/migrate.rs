//! `banyan migrate`: the schema of the database.

use clap::Subcommand;
use entity::enums::AuditObject;
use sea_orm::DbBackend;

use super::failure::Outcome;
use super::schema::{Schema, migrate};
use super::{database, print};
use crate::app::App;
use crate::audit::{self, Done, Origin};
use crate::config::Config;
use crate::store::Store;

#[derive(Subcommand)]
pub enum Command {
    /// Apply the migrations that the database lacks; makes an SQLite file where there is none
    Up {
        /// Print the SQL and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List the migrations, applied or pending; changes nothing
    Status,
}

pub async fn run(config: Config, command: Command) -> Outcome {
    match command {
        Command::Up { dry_run: false } => up(&config).await,
        Command::Up { dry_run: true } => print_sql(&config).await,
        Command::Status => status(&config).await,
    }
}

async fn up(config: &Config) -> Outcome {
    let store = database::open_or_make(config).await?;
    let schema = Schema::of(&store).await?;
    schema.require_known()?;
    let pending = schema.pending();
    if pending.is_empty() {
        print::line("nothing to do: the database is up to date")?;
    } else {
        migrate(&store).await?;
        record(&store, config, &pending).await?;
    }
    for step in pending {
        print::line(format_args!("applied {}", step.name))?;
    }
    store.close().await;
    Ok(())
}

/// The log that a migration may just have made tells of it.
async fn record(store: &Store, config: &Config, steps: &[&migration::Step]) -> Outcome {
    let app = App::new(store.clone(), config.clone());
    let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
    let done = Done::of(AuditObject::Database, 0, None).field("applied", None, Some(names.join(", ")));
    let tx = store.write().await?;
    audit::write(&app, &tx, &Origin::COMMAND_LINE, "migrate up", &done).await?;
    Ok(tx.commit().await?)
}

async fn status(config: &Config) -> Outcome {
    let schema = schema_of(config).await?;
    for step in &migration::STEPS {
        let state = if schema.has(step) { "applied" } else { "pending" };
        print::line(format_args!("{state}  {}", step.name))?;
    }
    for name in schema.unknown() {
        print::line(format_args!("unknown  {name}"))?;
    }
    schema.require_known()
}

async fn print_sql(config: &Config) -> Outcome {
    let schema = schema_of(config).await?;
    schema.require_known()?;
    let backend = if database::file(config)?.is_some() { DbBackend::Sqlite } else { DbBackend::Postgres };
    for step in schema.pending() {
        print::line(format_args!("-- {}\n", step.name))?;
        for statement in migration::statements(step.template, backend) {
            print::line(format_args!("{statement};\n"))?;
        }
    }
    Ok(())
}

/// The schema as it is; a file that is not there has none and is not made.
async fn schema_of(config: &Config) -> Outcome<Schema> {
    let Some(store) = database::open_existing(config).await? else { return Ok(Schema::none()) };
    let schema = Schema::of(&store).await?;
    store.close().await;
    Ok(schema)
}

//! `banyan demo`: a server with sample data, ready to be tried.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Subcommand, ValueEnum};
use sea_orm::ActiveEnum;
use serde_json::{Map, json};

use super::failure::{Failure, Outcome};
use super::schema::{Schema, migrate};
use super::serve::{Listen, answer, base_url};
use super::steps::Steps;
use super::{database, print, verify};
use crate::account::issue;
use crate::app::App;
use crate::config::Config;
use crate::demo::{self, Holding, Part, Scale};
use crate::graphql::Api;
use crate::http::Options;
use crate::store::{Dialect, Store};

const DATABASE: &str = "sqlite://banyan-demo.db";
/// 30 days.
const TOKENS_HOLD: i64 = 30 * 24 * 60 * 60 * 1000;

const EXAMPLES: &str = "\
Examples:
  banyan demo
  banyan demo --seed 7 --database-url sqlite:///tmp/seven.db --listen 127.0.0.1:9000
  banyan demo --scale full --load-only --database-url postgres://127.0.0.1/full
  banyan demo verify

Without --database-url the data are in banyan-demo.db in the current folder; delete the file to begin anew. A database that
holds the demo of this seed already is used as it is, with new tokens; one that holds anything else is refused.

The tree down to the districts is the real one of 2022; everything else is generated, and says so.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// Which data: the same number gives the same data
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,

    /// How much of it
    #[arg(long, default_value = "small")]
    scale: Size,

    /// Load the data and end, without serving them
    #[arg(long)]
    load_only: bool,

    #[command(flatten)]
    listen: Listen,

    /// Once the server answers, write its address, the tokens and the accounts' units to this file as JSON
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Size {
    /// A hundredth of the real programmes: some 2,900 units, 7,000 members, 27,000 initiatives; ready in seconds
    Small,
    /// The real programmes: some 127,000 units, 700,000 members, 2,700,000 initiatives; takes minutes and gigabytes
    Full,
}

impl From<Size> for Scale {
    fn from(size: Size) -> Scale {
        match size {
            Size::Small => Scale::Small,
            Size::Full => Scale::Full,
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Compute the published figures from a database that holds the demo, and compare
    Verify(verify::Args),
}

/// One of the accounts with the token to sign in as it.
struct Guest {
    part: Part,
    token: String,
}

pub async fn run(mut config: Config, args: Args, database_was_named: bool) -> Outcome {
    if !database_was_named {
        config.database_url = DATABASE.to_owned();
    }
    if let Some(Command::Verify(args)) = args.command {
        return verify::run(config, args).await;
    }
    // Said before the data are loaded, not after.
    if !args.load_only {
        can_listen(args.listen.address)?;
    }
    args.ready_file.as_deref().map_or(Ok(()), can_write)?;
    let store = database::open_or_make(&config).await?;
    let place = match database::file(&config)? {
        Some(file) => file.display().to_string(),
        None => "the database".to_owned(),
    };
    fill(&store, &config, args.seed, args.scale.into(), &place).await?;
    store.close().await;
    if args.load_only {
        return Ok(());
    }
    let app = App::new(database::open_serving(&config).await?, config);
    let guests = guests(&app).await?;
    let mut written = Ok(());
    let on_ready = |address: SocketAddr| {
        let url = base_url(address);
        written = args.ready_file.as_deref().map_or(Ok(()), |file| write_ready_file(file, &url, &guests));
        let _ = print::text(&welcome(&url, &place, &guests));
        if let Err(failure) = &written {
            failure.print();
        }
    };
    answer(Api::new(app), args.listen.address, Options::default(), on_ready).await?;
    written
}

fn can_listen(address: SocketAddr) -> Outcome {
    let listener = TcpListener::bind(address).map_err(|error| format!("cannot listen on {address}: {error}"))?;
    drop(listener);
    Ok(())
}

fn can_write(file: &Path) -> Outcome {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            Err(format!("there is no folder {} for the ready file", folder.display()).into())
        }
        _ if file.is_dir() => Err(format!("{} is a folder: name a file", file.display()).into()),
        _ => Ok(()),
    }
}

/// Sees to it that the database holds the demo.
async fn fill(store: &Store, config: &Config, seed: u64, scale: Scale, place: &str) -> Outcome {
    let schema = Schema::of(store).await?;
    if schema.is_empty() {
        if has_tables(store).await? {
            return Err(
                format!("{place} holds tables of something else: name another database with --database-url").into()
            );
        }
        migrate(store).await?;
    }
    Schema::of(store).await?.require_current()?;
    let tx = store.read().await?;
    let held = demo::holding(&tx, seed, scale).await?;
    drop(tx);
    match held {
        Holding::Demo => Ok(()),
        Holding::OtherDemo => Err(refusal(place, "the demo of another seed, scale or version")),
        Holding::Part => Err(refusal(place, "a demo whose loading broke off")),
        Holding::Data => Err(format!(
            "{place} holds data that are not the demo's, and the demo leaves them alone: name another database with \
             --database-url (the environment's BANYAN_DATABASE_URL may have named this one)"
        )
        .into()),
        Holding::Nothing => {
            let (begun, steps) = (Instant::now(), Steps::new());
            let loader = demo::loader(store.clone(), config.clone(), seed, scale);
            let loaded = demo::prepare(&loader, seed, scale, &steps).await;
            steps.end();
            loaded?;
            tell(store, begun.elapsed().as_secs_f64()).await
        }
    }
}

/// How long it took, how fast it was, and how much there is.
async fn tell(store: &Store, seconds: f64) -> Outcome {
    print::line(format_args!("loaded the sample data in {seconds:.1} s"))?;
    let tx = store.read().await?;
    let count = |table: &str| tx.sql(format!("SELECT COUNT(*) AS id FROM {table}"));
    let counts =
        [tx.ids(count("unit")).await?, tx.ids(count("initiative")).await?, tx.ids(count("initiative_event")).await?];
    let [units, initiatives, events] = counts.map(|count| count.first().copied().unwrap_or(0));
    drop(tx);
    let rate = u64::try_from(initiatives).unwrap_or(0) * 1_000 / ((seconds * 1_000.0) as u64).max(1);
    let megabytes = store.size().await? / 1_000_000;
    print::line(format_args!(
        "{units} units, {initiatives} initiatives ({rate} a second), {events} events; {megabytes} MB on disk"
    ))
}

fn refusal(place: &str, what: &str) -> Failure {
    format!("{place} holds {what}: name another database with --database-url, or delete this one").into()
}

async fn has_tables(store: &Store) -> Outcome<bool> {
    let tx = store.read().await?;
    let tables = match store.dialect {
        Dialect::Sqlite => "SELECT 1 AS id FROM sqlite_schema WHERE type = 'table' LIMIT 1",
        Dialect::Postgres => {
            "SELECT CAST(1 AS BIGINT) AS id FROM pg_tables WHERE schemaname = current_schema() LIMIT 1"
        }
    };
    Ok(!tx.ids(tx.sql(tables)).await?.is_empty())
}

async fn guests(app: &App) -> Outcome<Vec<Guest>> {
    let tx = app.store.write().await?;
    let mut guests = Vec::new();
    for part in demo::cast(&tx).await? {
        let token = issue(app, &tx, part.account, "demo", TOKENS_HOLD).await?.secret;
        guests.push(Guest { part, token });
    }
    tx.commit().await?;
    Ok(guests)
}

/// The file is whole as soon as it is there.
fn write_ready_file(file: &Path, url: &str, guests: &[Guest]) -> Outcome {
    let tokens: Map<_, _> = guests.iter().map(|guest| (guest.part.key.to_owned(), json!(guest.token))).collect();
    let units: Map<_, _> =
        guests.iter().map(|guest| (guest.part.key.to_owned(), json!(guest.part.unit_code))).collect();
    let text = format!("{}\n", json!({ "url": url, "tokens": tokens, "units": units }));
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let written = std::fs::write(&partial, text).and_then(|()| std::fs::rename(&partial, file));
    written.map_err(|error| format!("cannot write {}: {error}", file.display()).into())
}

fn welcome(url: &str, place: &str, guests: &[Guest]) -> String {
    let mut text = format!(
        "\nBanyan's demo answers at {url}/graphql (data: {place})\n\nTokens, for 30 days; send the header Authorization: Bearer TOKEN\n\n"
    );
    for Guest { part, token } in guests {
        let role = part.role.to_value();
        text += &format!(
            "  {:<9} {token}\n            {}, {role} at {} {}\n",
            part.key, part.name, part.unit_code, part.unit_name
        );
    }
    text += &format!("\n{QUERIES}\n\nCtrl+C stops it; the data stay.\n");
    text
}

const QUERIES: &str = r#"Queries to paste

  The whole federation (anybody may ask):
    { unit(code: "TLD") { name rollup(programme: "1M-SK") {
        submitted approved participants verifiedBenefit target completion { ratio } } } }

  The provinces by completion of their targets (anybody):
    { unit(code: "TLD") { leaderboard(programme: "1M-SK", by: COMPLETION, kind: [PROVINCIAL_FEDERATION], first: 10) {
        nodes { rank unit { code name } value } } } }

  What waits for a decision (with the reviewer's token):
    { viewer { awaitingDecision(first: 10) { totalCount nodes { id version code title unit { name } submittedAt } } } }"#;

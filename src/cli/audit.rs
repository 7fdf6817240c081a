//! `banyan audit`: the heads of the log's chain, sealing now, and taking old lines away.

use chrono::SecondsFormat;
use clap::Subcommand;

use super::failure::Outcome;
use super::{database, print};
use crate::app::App;
use crate::audit::{self, Head, Origin, Turn};
use crate::clock;
use crate::config::Config;

const DAY: i64 = 24 * 60 * 60 * 1000;

const HEADS: &str = "\
A head is a batch's number, a colon and a SHA-256 that everything up to that batch follows into. Keep heads where the database's
administrators cannot write; `banyan check --audit --head HEAD` then proves that nothing before was changed or taken out.

Example:
  banyan audit heads --last 1 >> /mnt/elsewhere/heads.txt";

#[derive(Subcommand)]
pub enum Command {
    /// Print the last heads of the chain, the newest first
    #[command(after_help = HEADS)]
    Heads {
        /// How many
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        last: u32,
    },
    /// Seal what waits now; servers do it every few seconds
    Seal,
    /// Take old lines away; a checkpoint stays, from which the chain proves the rest
    Prune {
        /// Lines of the last so many days stay
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=36_500))]
        keep_days: i64,
    },
}

pub async fn run(config: Config, command: Command) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let outcome = run_on(&app, command).await;
    store.close().await;
    outcome
}

async fn run_on(app: &App, command: Command) -> Outcome {
    match command {
        Command::Heads { last } => print_heads(app, &audit::heads(app, last).await?),
        Command::Seal => {
            let heads = audit::seal(app, Turn::Wait).await?;
            audit::keep(app, &heads).await;
            print_heads(app, &heads)
        }
        Command::Prune { keep_days } => {
            let before = app.now().saturating_sub(keep_days.saturating_mul(DAY));
            let pruned = audit::prune(app, &Origin::COMMAND_LINE, before, Turn::Wait).await?;
            match pruned.through {
                Some(through) => print::line(format_args!("took {} lines away, up to batch {through}", pruned.lines)),
                None => print::line("nothing is that old"),
            }
        }
    }
}

fn print_heads(app: &App, heads: &[Head]) -> Outcome {
    for head in heads {
        let at = clock::instant(head.sealed_at).with_timezone(&app.config.time_zone);
        let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        print::line(format_args!("{} {at} {} lines", head.text(), head.lines))?;
    }
    Ok(())
}

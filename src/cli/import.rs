//! `banyan import`: CSV files into the database.

use std::io::Write;
use std::path::PathBuf;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::failure::Outcome;
use super::{database, print};
use crate::app::App;
use crate::config::Config;
use crate::import::{self, Fault, Refused, initiatives, targets, units};

/// So many faults are printed; all are counted.
const SHOWN: usize = 100;

const RULES: &str = "\
Files are CSV in UTF-8, separated by commas, with a header; columns may stand in any order. A file is checked whole first, and
loaded whole or not at all. Lines that are there already and say the same are skipped, so a file may be loaded again.";

const UNITS: &str = "\
Columns: code, name (or name_vi), kind, parent (or parent_code; empty for the root alone); and where wanted name_en,
coordinator, bloc, sector, established_on. Lines may stand in any order.

Example:
  banyan import units data/units-2022.csv";

const TARGETS: &str = "\
Columns: unit, programme, kind (GUIDELINE, REGISTERED or PLANNED), value; and where wanted phase, bloc, bound (EXACT, the
default, or AT_LEAST).";

const INITIATIVES: &str = "\
Columns: code, unit, programme, phase, group, solution (TECHNICAL, MANAGEMENT, OPERATIONAL or TECHNOLOGY_APPLICATION), title,
applied_on, author (e-mail address, phone number or id of an account); and where wanted summary, claimed_benefit (VND),
benefit_not_computable (true or false), benefit_note, co_authors (as b@example.org=30;c@example.org=20.5, in per cent), state
(SUBMITTED, the default, or DRAFT).

What is SUBMITTED is sent in now: today must lie in the phase's entry period and applied_on in its applied period.";

#[derive(Subcommand)]
#[command(after_help = RULES)]
pub enum Command {
    /// The tree of units, or a part of it
    #[command(after_help = UNITS)]
    Units(Args),
    /// Targets, one cell a line
    #[command(after_help = TARGETS)]
    Targets(Args),
    /// Initiatives, as drafts or sent in
    #[command(after_help = INITIATIVES)]
    Initiatives(Args),
}

#[derive(clap::Args)]
pub struct Args {
    /// The CSV file
    file: PathBuf,

    /// Check the file, say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(config: Config, command: Command) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let bar = bar();
    let progress = |done: usize, all: usize| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    };
    let (dry_run, loaded) = match &command {
        Command::Units(args) => (args.dry_run, units::load(&app, &args.file, args.dry_run, &progress).await),
        Command::Targets(args) => (args.dry_run, targets::load(&app, &args.file, args.dry_run, &progress).await),
        Command::Initiatives(args) => {
            (args.dry_run, initiatives::load(&app, &args.file, args.dry_run, &progress).await)
        }
    };
    bar.finish_and_clear();
    store.close().await;
    match loaded {
        Ok(outcome) => print_outcome(&outcome, dry_run),
        Err(Refused::Failed(error)) => Err(error.into()),
        Err(Refused::Faults(faults)) => {
            if let [Fault { line: 0, reason, .. }] = faults.as_slice() {
                return Err(reason.clone().into());
            }
            print_faults(&faults);
            Err(format!("{} in the file: nothing was changed", count(faults.len(), "error")).into())
        }
    }
}

/// Draws on a terminal, and nowhere else.
fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} lines, {elapsed}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn print_faults(faults: &[Fault]) {
    let mut stderr = std::io::stderr().lock();
    for fault in faults.iter().take(SHOWN) {
        let _ = writeln!(stderr, "{fault}");
    }
    if faults.len() > SHOWN {
        let _ = writeln!(stderr, "… and {} more", faults.len() - SHOWN);
    }
}

fn print_outcome(outcome: &import::Outcome, dry_run: bool) -> Outcome {
    if !outcome.ignored.is_empty() {
        let _ = writeln!(
            std::io::stderr(),
            "note: these columns mean nothing here and were ignored: {}",
            outcome.ignored.join(", ")
        );
    }
    let (new, same) = (count(outcome.new, "new line"), count(outcome.same, "line"));
    let changed = match outcome.changed {
        0 => String::new(),
        changed => format!(", {} changed", count(changed, "line")),
    };
    let what = if dry_run { "the file is right; it would load" } else { "loaded" };
    print::line(format_args!("{what} {new}{changed}; {same} there already"))
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

//! `banyan reorganise`: a plan from a CSV file or by its code, tried, applied, undone, or written out.

mod table;
mod told;

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate};
use entity::enums::ReorganisationState;
use entity::reorganisation::Model;

use super::failure::{Failure, Outcome};
use super::{database, print};
use crate::access::{Caller, Viewer};
use crate::app::App;
use crate::clock::day_start;
use crate::command::{Command, execute};
use crate::config::Config;
use crate::error::{Error, UserError};
use crate::import::people::{Who, find};
use crate::reorganisation::{self, Apply, DraftPlan, DryRun, Step, Undo, read_sheet, write_sheet};
use crate::store::Tx;

const EXAMPLES: &str = "\
Examples:
  Try the demo's plan of 2025, and apply it:
    banyan reorganise VN-2025
    banyan reorganise VN-2025 --apply
  A file of your own, told of two units beside those that change:
    banyan reorganise merger.csv --name 'Merger of two provinces' --told P01 --told P37
    banyan reorganise merger.csv --apply
  Take it back:
    banyan reorganise merger --undo --reason 'the decision was withdrawn'

A file becomes a draft with the code of --code, or of its own name without the ending; the same code again replaces the draft's steps.
Without --apply everything is done, looked at, and taken back. Columns of the file: docs/reorganisation.md.

Exit code: 0 done; 1 refused or failed, and nothing was changed beside the draft.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A CSV file of steps, or the code of a plan that is there
    #[arg(value_name = "FILE|CODE")]
    plan: String,

    /// Try it and tell what would change; this is what is done without --apply
    #[arg(long, group = "deed")]
    dry_run: bool,

    /// Apply it; with an instant to come, schedule it
    #[arg(long, group = "deed")]
    apply: bool,

    /// Take an applied plan back
    #[arg(long, group = "deed", conflicts_with_all = ["told", "effective_at", "name", "unit", "code"])]
    undo: bool,

    /// Print the plan's steps as a CSV file
    #[arg(long, group = "deed", conflicts_with_all = ["told", "effective_at", "name", "unit", "code", "reason"])]
    export: bool,

    /// Code of the plan that the file becomes
    #[arg(long, value_name = "CODE")]
    code: Option<String>,

    /// Name of the plan
    #[arg(long)]
    name: Option<String>,

    /// Code of the unit that draws up a new plan; the root if left out
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,

    /// Why; what takes effect in the past needs one
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// When it takes effect: an instant such as 2025-07-01T00:00:00+07:00, a day, or `now`, when it is applied
    #[arg(long, value_name = "INSTANT")]
    effective_at: Option<String>,

    /// Code of a unit that is told before and after, beside those high up that change (may be given several times)
    #[arg(long, value_name = "CODE")]
    told: Vec<String>,

    /// In whose name: e-mail address, phone number or account id; the first OPERATOR, or ADMIN, of the root if left out
    #[arg(long = "as", value_name = "PERSON", value_parser = Who::parse)]
    person: Option<Who>,
}

/// Who works at which database.
struct Desk {
    app: App,
    caller: Caller,
}

pub async fn run(config: Config, args: Args) -> Outcome {
    let store = database::open_current(&config).await?;
    // Nothing is bounded in time here: the store was not opened for serving.
    let app = App::new(store.clone(), config);
    let tx = store.read().await?;
    let viewer = Viewer::at_the_command_line(answers(&tx, args.person.as_ref()).await?);
    drop(tx);
    let desk = Desk { caller: Caller { viewer, ..Caller::nobody() }, app };
    let done = desk.run(&args).await;
    store.close().await;
    done
}

/// The account in whose name it is done.
async fn answers(tx: &Tx, person: Option<&Who>) -> Outcome<i64> {
    if let Some(who) = person {
        let found = find(tx, [who]).await?.remove(who);
        return found.ok_or_else(|| "no account has this e-mail address, phone number or id".to_owned().into());
    }
    let sql = tx.sql(
        "SELECT g.account_id AS id FROM role_grant g JOIN unit u ON u.id = g.unit_id \
         WHERE u.parent_id IS NULL AND g.role IN ('OPERATOR', 'ADMIN') \
         ORDER BY CASE g.role WHEN 'OPERATOR' THEN 0 ELSE 1 END, g.granted_at, g.account_id LIMIT 1",
    );
    let found = tx.ids(sql).await?.pop();
    found.ok_or_else(|| {
        "nobody is OPERATOR or ADMIN of the root: say by --as in whose name this is done".to_owned().into()
    })
}

/// A file of steps, and where each of them stands in it.
struct Sheet {
    steps: Vec<Step>,
    lines: Vec<u64>,
}

impl Desk {
    async fn run(&self, args: &Args) -> Outcome {
        let file = PathBuf::from(&args.plan);
        let sheet = match file.is_file() {
            true => Some(sheet(&file)?),
            false if args.plan.contains(['/', '\\']) || args.plan.ends_with(".csv") => {
                return Err(format!("there is no file {}", args.plan).into());
            }
            false => None,
        };
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let code = match (&args.code, &sheet) {
            (Some(code), _) => code.clone(),
            (None, Some(_)) if !args.undo && !args.export => stem,
            _ => args.plan.clone(),
        };
        if args.export {
            return self.export(&code).await;
        }
        let lines = sheet.as_ref().map(|sheet| sheet.lines.clone());
        let faults = |error: Error| told::faults(&error, lines.as_deref());
        if args.undo {
            self.execute(Undo { code: code.clone(), reason: args.reason.clone() }).await.map_err(faults)?;
            let undone = self.plan(&code).await?.ok_or_else(|| missing(&code))?;
            return print::line(format_args!("{code} is taken back: state {}", told::state(&undone)));
        }
        self.draw(args, &code, sheet).await?;
        let mut row = self.plan(&code).await?.ok_or_else(|| missing(&code))?;
        print::text(&told::heading(&row, &self.steps(row.id).await?, self.app.config.time_zone))?;
        if args.apply {
            let apply = Apply { code: code.clone(), version: row.version };
            self.execute(apply).await.map_err(faults)?;
        } else {
            self.execute(DryRun { code: code.clone(), units: args.told.clone() }).await.map_err(faults)?;
        }
        row = self.plan(&code).await?.ok_or_else(|| missing(&code))?;
        print::text(&told::report(&row)?)?;
        print::line(match row.state {
            ReorganisationState::Applied => format!("{code} is applied."),
            ReorganisationState::Scheduled => {
                format!("{code} fits now, and is scheduled: a server applies it at its instant.")
            }
            ReorganisationState::Proposed => {
                format!("{code} is proposed: another person confirms it (--apply --as PERSON).")
            }
            _ => format!("{code} fits; nothing was changed. The same command with --apply applies it."),
        })
    }

    async fn execute<C: Command>(&self, command: C) -> crate::error::Result<i64> {
        execute(&self.app, &self.caller, None, &command).await
    }

    async fn plan(&self, code: &str) -> Outcome<Option<Model>> {
        let tx = self.app.store.read().await?;
        let found = reorganisation::by_code(&tx, self.caller.viewer, &[code.to_owned()]).await?.remove(code);
        Ok(found.map(|row| (*row).clone()))
    }

    async fn steps(&self, id: i64) -> Outcome<Vec<Step>> {
        let tx = self.app.store.read().await?;
        let rows = reorganisation::steps(&tx, &[id]).await?.remove(&id).unwrap_or_default();
        Ok(rows.iter().map(Step::of_row).collect::<crate::error::Result<_>>()?)
    }

    async fn export(&self, code: &str) -> Outcome {
        let row = self.plan(code).await?.ok_or_else(|| missing(code))?;
        print::text(&write_sheet(&self.steps(row.id).await?)?)
    }

    /// Makes the file a draft, or changes the one that is there as the flags say.
    async fn draw(&self, args: &Args, code: &str, sheet: Option<Sheet>) -> Outcome {
        let held = self.plan(code).await?;
        let changes = sheet.is_some() || args.name.is_some() || args.reason.is_some() || args.effective_at.is_some();
        if held.is_none() && sheet.is_none() {
            return Err(missing(code));
        }
        if !changes {
            return Ok(());
        }
        let effective_at = args.effective_at.as_deref().map(|text| self.instant(text)).transpose()?;
        let new = held.is_none();
        let unit = match (&args.unit, new) {
            (Some(unit), _) => Some(unit.clone()),
            (None, true) => Some(self.root().await?),
            (None, false) => None,
        };
        let draft = DraftPlan {
            code: code.to_owned(),
            version: held.map(|row| row.version),
            unit,
            name: args.name.clone().or_else(|| new.then(|| code.to_owned())),
            reason: args.reason.clone(),
            effective_at,
            steps: sheet.map(|sheet| sheet.steps),
        };
        self.execute(draft).await?;
        Ok(())
    }

    async fn root(&self) -> Outcome<String> {
        #[derive(sea_orm::FromQueryResult)]
        struct Root {
            code: String,
        }
        let tx = self.app.store.read().await?;
        let root: Option<Root> = tx.one(tx.sql("SELECT code FROM unit WHERE parent_id IS NULL")).await?;
        Ok(root.ok_or_else(|| "the tree has no root".to_owned())?.code)
    }

    /// An instant, the first one of a day, or none: when it is applied.
    fn instant(&self, text: &str) -> Outcome<Option<i64>> {
        if text == "now" {
            return Ok(None);
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Ok(Some(at.timestamp_millis()));
        }
        match text.parse::<NaiveDate>() {
            Ok(day) => Ok(Some(day_start(self.app.config.time_zone, day))),
            Err(_) => Err("--effective-at is no instant such as 2025-07-01T00:00:00+07:00, no day and not `now`"
                .to_owned()
                .into()),
        }
    }
}

fn missing(code: &str) -> Failure {
    format!("there is no reorganisation with the code {code}, and no file of that name").into()
}

fn sheet(file: &PathBuf) -> Outcome<Sheet> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let lines: Vec<u64> = reader
        .records()
        .map(|record| record.ok().and_then(|record| record.position().map(csv::Position::line)).unwrap_or(0))
        .collect();
    let steps = read_sheet(&text).map_err(|error| told::faults(&error, Some(&lines)))?;
    Ok(Sheet { steps, lines })
}

/// Where a fault stands: the line of the file, or else the step.
fn place(fault: &UserError, lines: Option<&[u64]>) -> Option<(String, String)> {
    let [first, step, rest @ ..] = fault.field.as_slice() else { return None };
    let step: usize = step.parse().ok().filter(|_| first == "steps")?;
    let line = lines.and_then(|lines| lines.get(step)).filter(|line| **line > 0);
    let place = line.map_or_else(|| format!("step {}", step + 1), |line| format!("line {line}"));
    Some((place, rest.join(".")))
}

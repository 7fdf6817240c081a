//! Whether a file of initiatives is right.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::enums::{Action, InitiativeState, SolutionKind};
use entity::phase;

use super::existing::{Existing, existing};
use super::{
    APPLIED_ON, AUTHOR, BENEFIT_NOTE, CLAIMED_BENEFIT, CO_AUTHORS, CODE, GROUP, NOT_COMPUTABLE, PHASE, PROGRAMME,
    SOLUTION, STATE, SUMMARY, TITLE, UNIT,
};
use crate::access::{Right, Viewer, places};
use crate::app::App;
use crate::error::{self, clip};
use crate::import::authors::{People, authors};
use crate::import::fault::{Faults, Refused};
use crate::import::lines::{day, named, note, truth, whole};
use crate::import::lookup::Codes;
use crate::import::sheet::{Line, Sheet};
use crate::initiative::{Authorship, Claim, TEXT_MAX, TITLE_MAX, check_period};
use crate::programme::Definition;
use crate::store::Tx;
use crate::text;

/// A line that is right.
#[derive(Clone, Debug)]
pub struct Entry {
    pub line: u64,
    pub code: String,
    pub unit_id: i64,
    pub unit_code: String,
    pub programme_id: i64,
    pub phase_id: i64,
    pub group_id: i64,
    pub solution: SolutionKind,
    pub title: String,
    pub summary: Option<String>,
    pub applied_on: NaiveDate,
    pub claimed: Option<i64>,
    pub not_computable: bool,
    pub note: Option<String>,
    /// The first author first.
    pub authors: Vec<Authorship>,
    pub sent: bool,
}

/// What lines are checked against.
struct Ground {
    ceiling: i64,
    today: NaiveDate,
    codes: Codes,
    people: People,
}

/// The initiatives that are new, in the order of their lines.
pub async fn checked(app: &App, tx: &Tx, sheet: &Sheet) -> Result<Vec<Entry>, Refused> {
    let ground = Ground {
        ceiling: app.config.benefit_ceiling,
        today: app.today(),
        codes: Codes::of(tx, sheet, UNIT, PROGRAMME).await?,
        people: People::of(tx, sheet, AUTHOR, CO_AUTHORS).await?,
    };
    let known = existing(tx, sheet).await?;
    let mut faults = Faults::default();
    let mut entries = Vec::new();
    let mut first_lines: HashMap<&str, u64> = HashMap::new();
    for line in sheet.lines() {
        if let Some(first) = first_lines.get(line.cell(CODE)) {
            faults.add(line.number, "code", format!("line {first} has the same code"));
            // What else is wrong with it is said too.
            ground.entry(&mut faults, line);
            continue;
        }
        first_lines.insert(line.cell(CODE), line.number);
        let Some((entry, phase)) = ground.entry(&mut faults, line) else { continue };
        match known.get(&entry.code) {
            Some(existing) => same(&mut faults, sheet, &entry, existing),
            None => {
                ground.may_be_sent(&mut faults, &entry, &phase);
                entries.push(entry);
            }
        }
    }
    members(tx, &mut faults, &entries).await?;
    faults.finish()?;
    Ok(entries)
}

impl Ground {
    fn entry(&self, faults: &mut Faults, line: Line<'_>) -> Option<(Entry, phase::Model)> {
        let number = line.number;
        let code = faults.take(number, "code", text::code("code", line.cell(CODE)));
        let unit = self.codes.unit(faults, line, UNIT);
        let programme = self.codes.programme(faults, line, PROGRAMME);
        let parts = programme.and_then(|programme| parts(faults, programme, line));
        let solution = faults.take(number, "solution", named::<SolutionKind>(line.cell(SOLUTION)));
        let title = faults.take(number, "title", text::line("title", line.cell(TITLE), TITLE_MAX));
        let summary = faults.take(number, "summary", text::optional("summary", line.given(SUMMARY), TEXT_MAX));
        let applied_on = faults.take(number, "applied_on", day(line.cell(APPLIED_ON)));
        let claimed = line.given(CLAIMED_BENEFIT).map(whole).transpose();
        let claimed = faults.take(number, "claimed_benefit", claimed);
        let not_computable = faults.take(number, "benefit_not_computable", truth(line.cell(NOT_COMPUTABLE)));
        let note =
            faults.take(number, "benefit_note", text::optional("benefit_note", line.given(BENEFIT_NOTE), TEXT_MAX));
        let authors = authors(faults, &self.people, line, AUTHOR, CO_AUTHORS);
        let sent = faults.take(number, "state", sent(line.given(STATE)));
        if let (Some(claimed), Some(not_computable)) = (claimed, not_computable) {
            self.claim(faults, number, |found| {
                Claim { claimed, not_computable, note: None }.check(found, self.ceiling);
            });
        }
        let (phase, group_id) = parts?;
        let entry = Entry {
            line: number,
            code: code?,
            unit_id: unit?.id,
            unit_code: line.cell(UNIT).to_owned(),
            programme_id: phase.programme_id,
            phase_id: phase.id,
            group_id,
            solution: solution?,
            title: title?,
            summary: summary?,
            applied_on: applied_on?,
            claimed: claimed?,
            not_computable: not_computable?,
            note: note?,
            authors: authors?,
            sent: sent?,
        };
        Some((entry, phase))
    }

    /// The rules of a first submission.
    fn may_be_sent(&self, faults: &mut Faults, entry: &Entry, phase: &phase::Model) {
        let claim = Claim { claimed: entry.claimed, not_computable: entry.not_computable, note: entry.note.as_deref() };
        self.claim(faults, entry.line, |found| {
            if entry.sent {
                claim.check_complete(found);
                check_period(found, phase, self.today, entry.applied_on);
            }
        });
    }

    /// What `check` finds, by the names of the columns.
    fn claim(&self, faults: &mut Faults, line: u64, check: impl FnOnce(&mut error::Faults)) {
        let mut found = error::Faults::default();
        check(&mut found);
        note(faults, line, found, |field| match field {
            "claimedBenefit" => "claimed_benefit",
            "benefitNotComputable" => "benefit_not_computable",
            "benefitNote" => "benefit_note",
            "appliedOn" => "applied_on",
            _ => "phase",
        });
    }
}

/// The phase, and the group's id.
fn parts(faults: &mut Faults, programme: &Definition, line: Line<'_>) -> Option<(phase::Model, i64)> {
    let (phase, group) = (line.cell(PHASE), line.cell(GROUP));
    let missing = |what: &str, code: &str| format!("programme {} has no {what} \"{}\"", programme.row.code, clip(code));
    let phase = programme.phase(phase).ok_or_else(|| missing("phase", phase));
    let phase = faults.take(line.number, "phase", phase);
    let group = programme.group(group).ok_or_else(|| missing("group", group));
    let group = faults.take(line.number, "group", group);
    Some((phase?.clone(), group?.id))
}

fn sent(state: Option<&str>) -> Result<bool, String> {
    match state.map_or(Ok(InitiativeState::Submitted), named::<InitiativeState>) {
        Ok(InitiativeState::Draft) => Ok(false),
        Ok(InitiativeState::Submitted) => Ok(true),
        _ => Err("an initiative comes in as DRAFT or SUBMITTED; what follows is decided in Banyan".to_owned()),
    }
}

/// One that is there must say the same, as far as the file has the columns; what became of it since is no matter.
fn same(faults: &mut Faults, sheet: &Sheet, entry: &Entry, there: &Existing) {
    let row = &there.row;
    let pairs = [
        (UNIT, "unit", entry.unit_id == row.unit_id),
        (PROGRAMME, "programme", entry.programme_id == row.programme_id),
        (PHASE, "phase", entry.phase_id == row.phase_id),
        (GROUP, "group", entry.group_id == row.group_id),
        (SOLUTION, "solution", entry.solution == row.solution),
        (TITLE, "title", entry.title == row.title),
        (SUMMARY, "summary", entry.summary == row.summary),
        (APPLIED_ON, "applied_on", entry.applied_on == row.applied_on),
        (CLAIMED_BENEFIT, "claimed_benefit", entry.claimed == row.claimed_benefit),
        (NOT_COMPUTABLE, "benefit_not_computable", entry.not_computable == row.benefit_not_computable),
        (BENEFIT_NOTE, "benefit_note", entry.note == row.benefit_note),
        (AUTHOR, "author", entry.authors.first().map(|first| first.account) == Some(row.first_author_id)),
        (CO_AUTHORS, "co_authors", entry.authors == there.authors),
    ];
    for (column, name, agrees) in pairs {
        if sheet.has(column) && !agrees {
            faults.add(entry.line, name, format!("{} is there already and says otherwise", entry.code));
        }
    }
    if entry.sent && row.submitted_at.is_none() {
        faults.add(entry.line, "state", format!("{} is there already as a draft: its author sends it in", entry.code));
    }
}

/// First authors must be members, as the policy has it.
async fn members(tx: &Tx, faults: &mut Faults, entries: &[Entry]) -> Result<(), Refused> {
    let mut units: HashMap<i64, HashSet<i64>> = HashMap::new();
    for entry in entries {
        units.entry(entry.authors[0].account).or_default().insert(entry.unit_id);
    }
    let mut strangers: HashSet<(i64, i64)> = HashSet::new();
    for (account, units) in units {
        let places = places(tx, Viewer::of(account), &units.into_iter().collect::<Vec<_>>()).await?;
        let barred = places.into_iter().filter(|(_, places)| !places.permit(Right::Do(Action::Submit)));
        strangers.extend(barred.map(|(unit, _)| (account, unit)));
    }
    for entry in entries {
        if strangers.contains(&(entry.authors[0].account, entry.unit_id)) {
            let reason = format!("the author is not a MEMBER of {} or of a unit above it", entry.unit_code);
            faults.add(entry.line, "author", reason);
        }
    }
    Ok(())
}

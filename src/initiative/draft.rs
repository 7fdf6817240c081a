//! `initiativeDraft`: a member writes down an initiative; nothing counts yet.

use chrono::NaiveDate;
use entity::enums::{Action, InitiativeState, SolutionKind};
use entity::initiative::Model;
use sea_orm::ActiveEnum;
use serde::Serialize;

use super::authors::{self, CoAuthor};
use super::benefit::Claim;
use super::record;
use crate::access::Right;
use crate::command::{About, Command, Done, Work};
use crate::error::{ErrorCode, Faults, Result, clip};
use crate::programme::{self, Definition};
use crate::text::{self, message};
use crate::unit;

pub(crate) const TITLE_MAX: usize = 500;
pub(crate) const TEXT_MAX: usize = 20_000;

#[derive(Clone, Debug, Serialize)]
pub struct Draft {
    pub unit: String,
    pub programme: String,
    pub phase: String,
    pub group: String,
    #[serde(serialize_with = "solution_as_text")]
    pub solution: SolutionKind,
    pub title: String,
    pub summary: Option<String>,
    pub applied_on: NaiveDate,
    pub claimed_benefit: Option<i64>,
    pub benefit_not_computable: bool,
    pub benefit_note: Option<String>,
    pub co_authors: Vec<CoAuthor>,
    pub recognition: Option<RecognitionInput>,
}

/// The decision by which the unit recognised the initiative.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecognitionInput {
    pub number: Option<String>,
    pub authority: Option<String>,
    pub on: Option<NaiveDate>,
}

fn solution_as_text<S: serde::Serializer>(kind: &SolutionKind, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&kind.to_value())
}

impl Command for Draft {
    const NAME: &'static str = "initiativeDraft";

    fn about(&self) -> About<'_> {
        About::Unit(&self.unit)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (app, tx) = (work.app, work.tx);
        let unit = unit::find_for(tx, work.viewer, &self.unit, Right::Do(Action::Draft)).await?;
        let programme = programme::find_visible(tx, work.viewer, &self.programme).await?;
        let mut faults = Faults::default();
        let (phase_id, group_id) = phase_and_group(&mut faults, &programme, &self.phase, &self.group);
        let title = faults.take(text::line("title", &self.title, TITLE_MAX));
        let summary = faults.take(text::optional("summary", self.summary.as_deref(), TEXT_MAX));
        let note = faults.take(text::optional("benefitNote", self.benefit_note.as_deref(), TEXT_MAX));
        let recognition = check_recognition(&mut faults, &self.recognition.clone().unwrap_or_default());
        let claim = Claim { claimed: self.claimed_benefit, not_computable: self.benefit_not_computable, note: None };
        claim.check(&mut faults, app.config.benefit_ceiling);
        let authors = authors::check(tx, &mut faults, work.account, &self.co_authors).await?;
        let ((title, summary), note) = faults.finish_with(title.zip(summary).zip(note))?;

        let id = app.new_id();
        let row = Model {
            id,
            code: record::new_code(app),
            programme_id: programme.row.id,
            phase_id,
            group_id,
            unit_id: unit.id,
            first_author_id: work.account,
            solution: self.solution,
            title_lower: text::lower(&title),
            title_folded: text::fold(&title),
            title_sort: text::sort_key(&title),
            title,
            summary,
            state: InitiativeState::Draft,
            version: 1,
            applied_on: self.applied_on,
            claimed_benefit: self.claimed_benefit,
            benefit_not_computable: self.benefit_not_computable,
            benefit_note: note,
            verified_benefit: None,
            counted_claim: 0,
            counted_opaque: false,
            refusal_reason: None,
            refusal_text: None,
            recognition_number: recognition.number,
            recognition_authority: recognition.authority,
            recognition_on: recognition.on,
            submitted_at: None,
            decided_at: None,
            created_at: 0,
        };
        let accounts: Vec<i64> = authors.iter().map(|author| author.account).collect();
        let done = record::begin(work, row, &accounts).await?;
        authors::replace(tx, id, &authors).await?;
        Ok(done.hidden("authors", None, Some(authors::in_words(&authors))))
    }
}

/// The ids of a phase and a group of the programme; 0 with a fault where there is none.
pub(super) fn phase_and_group(faults: &mut Faults, programme: &Definition, phase: &str, group: &str) -> (i64, i64) {
    let mut unknown = |field: &str, code: &str, known: Vec<&str>| {
        let (code, known) = (clip(code), known.join(", "));
        let message = message!(
            "programme {programme} has no {field} \"{code}\"; it has: {known}",
            programme = &programme.row.code,
            field,
            code,
            known
        );
        faults.add(ErrorCode::UnknownCode, field, message);
        0
    };
    let phase_id = programme.phase(phase).map(|phase| phase.id);
    let group_id = programme.group(group).map(|group| group.id);
    let phase_id = phase_id
        .unwrap_or_else(|| unknown("phase", phase, programme.phases.iter().map(|phase| phase.code.as_str()).collect()));
    let group_id = group_id
        .unwrap_or_else(|| unknown("group", group, programme.groups.iter().map(|group| group.code.as_str()).collect()));
    (phase_id, group_id)
}

pub(super) fn check_recognition(faults: &mut Faults, input: &RecognitionInput) -> RecognitionInput {
    let number = faults.take(text::optional("recognition.number", input.number.as_deref(), 200));
    let authority = faults.take(text::optional("recognition.authority", input.authority.as_deref(), 300));
    RecognitionInput { number: number.flatten(), authority: authority.flatten(), on: input.on }
}

//! `initiativeEdit`: the first author changes a draft, or what was returned to him.

use chrono::NaiveDate;
use entity::enums::{Action, AuditObject, InitiativeState, SolutionKind};
use entity::initiative::Model;
use sea_orm::ActiveEnum;
use serde::Serialize;

use super::authors::{self, CoAuthor};
use super::benefit::Claim;
use super::draft::{RecognitionInput, TEXT_MAX, TITLE_MAX, check_recognition, phase_and_group};
use super::find::find_for;
use super::record::{self, Said};
use crate::access::Right;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Faults, Result};
use crate::text::message;
use crate::{programme, text, unit};

/// What an edit says of a value that may be empty: nothing, that it is empty, or a value.
pub type Patch<T> = Option<Option<T>>;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Edit {
    pub id: i64,
    pub version: i32,
    pub unit: Option<String>,
    pub programme: Option<String>,
    pub phase: Option<String>,
    pub group: Option<String>,
    #[serde(serialize_with = "solution_as_text")]
    pub solution: Option<SolutionKind>,
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Patch<String>,
    pub applied_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_benefit: Patch<i64>,
    pub benefit_not_computable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benefit_note: Patch<String>,
    pub co_authors: Option<Vec<CoAuthor>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recognition: Patch<RecognitionInput>,
}

fn solution_as_text<S: serde::Serializer>(
    kind: &Option<SolutionKind>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    kind.map(|kind| kind.to_value()).serialize(serializer)
}

impl Command for Edit {
    const NAME: &'static str = "initiativeEdit";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Initiative, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let mut held = find_for(work, self.id, Action::Edit, self.version).await?;
        let before = &held.row;
        let mut after = before.clone();
        let mut faults = Faults::default();
        self.place(work, &mut faults, &mut after).await?;
        self.texts(&mut faults, &mut after);
        if let Some(solution) = self.solution {
            after.solution = solution;
        }
        if let Some(applied_on) = self.applied_on {
            after.applied_on = applied_on;
        }
        if let Some(claimed) = self.claimed_benefit {
            after.claimed_benefit = claimed;
        }
        if let Some(not_computable) = self.benefit_not_computable {
            after.benefit_not_computable = not_computable;
        }
        let claim = Claim { claimed: after.claimed_benefit, not_computable: after.benefit_not_computable, note: None };
        claim.check(&mut faults, work.app.config.benefit_ceiling);
        let authors = match &self.co_authors {
            Some(others) => Some(authors::check(work.tx, &mut faults, before.first_author_id, others).await?),
            None => None,
        };
        faults.finish()?;
        let mut replaced = None;
        if let Some(now) = authors {
            let was = authors::authors(work.tx, &[before.id]).await?.remove(&before.id).unwrap_or_default();
            authors::replace(work.tx, before.id, &now).await?;
            held.authors = now.iter().map(|author| author.account).collect();
            replaced = Some((authors::in_words(&was), authors::in_words(&now)));
        }
        let done = record::advance(work, held, after, Action::Edit, Said::default()).await?;
        Ok(match replaced {
            Some((was, now)) => done.hidden("authors", Some(was), Some(now)),
            None => done,
        })
    }
}

impl Edit {
    /// Unit, programme, phase and group: free in a draft, fixed once it was sent in.
    async fn place(&self, work: &Work<'_>, faults: &mut Faults, after: &mut Model) -> Result<()> {
        if after.state != InitiativeState::Draft {
            let fields =
                [("unit", &self.unit), ("programme", &self.programme), ("phase", &self.phase), ("group", &self.group)];
            for (field, _) in fields.iter().filter(|(_, value)| value.is_some()) {
                let message = message!("{field} was fixed at first submission and cannot change", field);
                faults.add(ErrorCode::IllegalState, field, message);
            }
            return Ok(());
        }
        if let Some(code) = &self.unit {
            after.unit_id = unit::find_for(work.tx, work.viewer, code, Right::Do(Action::Draft)).await?.id;
        }
        let programme = match &self.programme {
            Some(code) => programme::find_visible(work.tx, work.viewer, code).await?,
            None => {
                let mut found = programme::by_id(work.tx, work.viewer, &[after.programme_id]).await?;
                found.remove(&after.programme_id).ok_or_else(Error::id_not_found)?
            }
        };
        // Another programme has phases and groups of its own: their codes are looked up anew.
        let old = programme::by_id(work.tx, work.viewer, &[after.programme_id]).await?;
        let old = old.get(&after.programme_id).ok_or_else(Error::id_not_found)?;
        let phase = self.phase.as_deref().or(old.phase_code(after.phase_id)).unwrap_or_default();
        let group = self.group.as_deref().or(old.group_code(after.group_id)).unwrap_or_default();
        (after.phase_id, after.group_id) = phase_and_group(faults, &programme, phase, group);
        after.programme_id = programme.row.id;
        Ok(())
    }

    fn texts(&self, faults: &mut Faults, after: &mut Model) {
        if let Some(title) = self.title.as_deref().and_then(|title| faults.take(text::line("title", title, TITLE_MAX)))
        {
            after.title_lower = text::lower(&title);
            after.title_folded = text::fold(&title);
            after.title_sort = text::sort_key(&title);
            after.title = title;
        }
        if let Some(summary) = &self.summary {
            after.summary = faults.take(text::optional("summary", summary.as_deref(), TEXT_MAX)).flatten();
        }
        if let Some(note) = &self.benefit_note {
            after.benefit_note = faults.take(text::optional("benefitNote", note.as_deref(), TEXT_MAX)).flatten();
        }
        if let Some(recognition) = &self.recognition {
            let checked = check_recognition(faults, &recognition.clone().unwrap_or_default());
            after.recognition_number = checked.number;
            after.recognition_authority = checked.authority;
            after.recognition_on = checked.on;
        }
    }
}

//! `programmeCreate`: an operator defines a campaign.

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::enums::{AuditObject, Visibility};
use entity::{bloc, participant_group, phase, programme, programme_bloc};
use sea_orm::ActiveEnum;
use serde::Serialize;

use crate::access::{Right, places};
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Faults, Result, UserError};
use crate::store::{Conflict, Tx};
use crate::text::{self, message};

#[derive(Clone, Debug, Serialize)]
pub struct ProgrammeCreate {
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub starts_on: NaiveDate,
    pub plan_ends_on: NaiveDate,
    #[serde(serialize_with = "visibility_as_text")]
    pub visibility: Visibility,
    pub public_level: i32,
    pub phases: Vec<PhaseInput>,
    pub groups: Vec<GroupInput>,
    pub blocs: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct PhaseInput {
    pub code: String,
    pub name: String,
    pub applied_from: NaiveDate,
    pub applied_to: NaiveDate,
    pub entered_from: NaiveDate,
    pub entered_to: NaiveDate,
}

#[derive(Clone, Debug, Serialize)]
pub struct GroupInput {
    pub code: String,
    pub name: String,
}

fn visibility_as_text<S: serde::Serializer>(v: &Visibility, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&v.to_value())
}

/// The rows of a programme whose input was checked.
struct Rows {
    programme: programme::Model,
    phases: Vec<phase::Model>,
    groups: Vec<participant_group::Model>,
    blocs: Vec<String>,
}

impl Command for ProgrammeCreate {
    const NAME: &'static str = "programmeCreate";

    fn about(&self) -> About<'_> {
        About::Federation
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let tx = work.tx;
        let root = tx.ids(tx.sql("SELECT id FROM unit WHERE parent_id IS NULL")).await?;
        let places = places(tx, work.viewer, &root).await?;
        if !places.values().any(|places| places.permit(Right::CreateProgramme)) {
            return Err(Error::Forbidden(message!("new programmes are made by an OPERATOR at the root")));
        }
        let at = tx.stamp(&work.app.clock).await?;
        let rows = self.rows(work, at)?;
        not_nearly_the_same(tx, &rows.blocs).await?;
        let id = rows.programme.id;
        if tx.insert::<programme::Entity>(&[rows.programme], Conflict::Keep).await? == 0 {
            let message = message!("this code is not available: another programme has it; choose another");
            return Err(Error::user(ErrorCode::CodeNotAvailable, "code", message));
        }
        tx.insert::<phase::Entity>(&rows.phases, Conflict::Fail).await?;
        tx.insert::<participant_group::Entity>(&rows.groups, Conflict::Fail).await?;
        // A bloc that a programme is the first to name joins the federation's code list.
        let list: Vec<_> = rows.blocs.iter().map(|code| named_after_code(code)).collect();
        tx.insert::<bloc::Entity>(&list, Conflict::Keep).await?;
        let used: Vec<_> = (0..)
            .zip(rows.blocs)
            .map(|(position, bloc)| programme_bloc::Model { programme_id: id, bloc, position })
            .collect();
        tx.insert::<programme_bloc::Entity>(&used, Conflict::Fail).await?;
        Ok(self.done(id))
    }
}

/// A bloc joins the list for good: one that differs from another only by capitals is a slip.
async fn not_nearly_the_same(tx: &Tx, blocs: &[String]) -> Result<()> {
    let known: Vec<bloc::Model> = tx.all(tx.sql("SELECT * FROM bloc")).await?;
    let mut faults = Faults::default();
    for (i, bloc) in blocs.iter().enumerate() {
        let same = |code: &str| code != bloc && code.eq_ignore_ascii_case(bloc);
        let others = known.iter().map(|known| known.code.as_str()).chain(blocs.iter().map(String::as_str));
        if let Some(other) = { others }.find(|code| same(code)) {
            let message = message!("there is the bloc \"{other}\": write it like that", other);
            faults.add(ErrorCode::Invalid, &format!("blocs.{i}"), message);
        }
    }
    faults.finish()
}

impl ProgrammeCreate {
    fn done(&self, id: i64) -> Done {
        let list = |codes: Vec<&str>| Some(codes.join(", ")).filter(|codes| !codes.is_empty());
        Done::of(AuditObject::Programme, id, None)
            .field("code", None, Some(self.code.as_str()))
            .field("name", None, Some(self.name.as_str()))
            .field("startsOn", None, Some(self.starts_on))
            .field("planEndsOn", None, Some(self.plan_ends_on))
            .field("visibility", None, Some(self.visibility.to_value()))
            .field("publicLevel", None, Some(self.public_level))
            .field("phases", None, list(self.phases.iter().map(|phase| phase.code.as_str()).collect()))
            .field("groups", None, list(self.groups.iter().map(|group| group.code.as_str()).collect()))
            .field("blocs", None, list(self.blocs.iter().map(String::as_str).collect()))
    }

    fn rows(&self, work: &Work<'_>, at: i64) -> Result<Rows> {
        let app = work.app;
        let mut faults = Faults::default();
        let code = faults.take(text::code("code", &self.code));
        let name = faults.take(text::line("name", &self.name, 300));
        let name_en = faults.take(text::optional("nameEn", self.name_en.as_deref(), 300));
        if self.plan_ends_on < self.starts_on {
            faults.add(ErrorCode::OutOfRange, "planEndsOn", message!("planEndsOn is before startsOn"));
        }
        if !(0..=20).contains(&self.public_level) {
            faults.add(ErrorCode::OutOfRange, "publicLevel", message!("publicLevel must be from 0 to 20"));
        }
        count(&mut faults, "phases", self.phases.len(), 1, 20);
        count(&mut faults, "groups", self.groups.len(), 1, 50);
        count(&mut faults, "blocs", self.blocs.len(), 0, 20);
        once(&mut faults, "phases", self.phases.iter().map(|phase| phase.code.trim()));
        once(&mut faults, "groups", self.groups.iter().map(|group| group.code.trim()));
        once(&mut faults, "blocs", self.blocs.iter().map(|bloc| bloc.trim()));
        let id = app.new_id();
        let phases: Vec<_> = (0..)
            .zip(&self.phases)
            .filter_map(|(position, phase)| phase.row(&mut faults, app.new_id(), id, position))
            .collect();
        let groups: Vec<_> = (0..)
            .zip(&self.groups)
            .filter_map(|(position, group)| group.row(&mut faults, app.new_id(), id, position))
            .collect();
        let blocs: Vec<_> = self
            .blocs
            .iter()
            .enumerate()
            .filter_map(|(i, bloc)| faults.take(text::code(&format!("blocs.{i}"), bloc)))
            .collect();
        let ((code, name), name_en) = faults.finish_with(code.zip(name).zip(name_en))?;
        let programme = programme::Model {
            id,
            code,
            name,
            name_en,
            starts_on: self.starts_on,
            plan_ends_on: self.plan_ends_on,
            visibility: self.visibility,
            public_level: self.public_level,
            created_at: at,
        };
        Ok(Rows { programme, phases, groups, blocs })
    }
}

impl PhaseInput {
    fn row(&self, faults: &mut Faults, id: i64, programme_id: i64, position: i32) -> Option<phase::Model> {
        let field = |name: &str| format!("phases.{position}.{name}");
        if self.applied_to < self.applied_from {
            faults.add(ErrorCode::OutOfRange, &field("appliedTo"), message!("appliedTo is before appliedFrom"));
        }
        if self.entered_to < self.entered_from {
            faults.add(ErrorCode::OutOfRange, &field("enteredTo"), message!("enteredTo is before enteredFrom"));
        }
        let code = faults.take(text::code(&field("code"), &self.code));
        let name = faults.take(text::line(&field("name"), &self.name, 300));
        Some(phase::Model {
            id,
            programme_id,
            code: code?,
            name: name?,
            position,
            applied_from: self.applied_from,
            applied_to: self.applied_to,
            entered_from: self.entered_from,
            entered_to: self.entered_to,
        })
    }
}

impl GroupInput {
    fn row(&self, faults: &mut Faults, id: i64, programme_id: i64, position: i32) -> Option<participant_group::Model> {
        let code = faults.take(text::code(&format!("groups.{position}.code"), &self.code));
        let name = faults.take(text::line(&format!("groups.{position}.name"), &self.name, 300));
        Some(participant_group::Model { id, programme_id, code: code?, name: name?, position })
    }
}

fn named_after_code(code: &str) -> bloc::Model {
    bloc::Model { code: code.to_owned(), name: code.to_owned(), name_en: None }
}

fn count(faults: &mut Faults, field: &str, n: usize, least: usize, most: usize) {
    if !(least..=most).contains(&n) {
        faults.add(
            ErrorCode::OutOfRange,
            field,
            message!("{field} must have from {least} to {most} members, not {n}", field, least, most, n),
        );
    }
}

fn once<'a>(faults: &mut Faults, field: &str, codes: impl Iterator<Item = &'a str>) {
    let mut seen = HashSet::new();
    for (i, code) in codes.enumerate() {
        if !seen.insert(code) {
            let error = UserError::new(ErrorCode::Invalid, &format!("{field}.{i}"), message!("this code stands twice"));
            faults.take::<()>(Err(error));
        }
    }
}

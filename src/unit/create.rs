//! `unitCreate`: an admin of the parent founds a unit below it.

use chrono::NaiveDate;
use entity::enums::{Action, AuditObject, UnitKind};
use entity::unit;
use sea_orm::ActiveEnum;
use serde::Serialize;

use super::find::{check_alive, find_for, find_visible, reread};
use super::kinds::{legal_coordinator, legal_parent, parents_in_words, rule};
use super::plant::{NewUnit, Planting};
use crate::access::Right;
use crate::command::{About, Command, Done, Work};
use crate::error::{ErrorCode, Faults, Result, UserError};
use crate::ledger::lock_tree;
use crate::store::Tx;
use crate::text::{self, message};

/// The longest name of a unit, characters.
pub const NAME_MAX: usize = 300;

#[derive(Clone, Debug, Serialize)]
pub struct UnitCreate {
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    #[serde(serialize_with = "crate::unit::create::kind_as_text")]
    pub kind: UnitKind,
    pub parent: String,
    pub coordinator: Option<String>,
    pub bloc: Option<String>,
    pub sector: Option<String>,
    pub established_on: Option<NaiveDate>,
}

pub fn kind_as_text<S: serde::Serializer>(kind: &UnitKind, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&kind.to_value())
}

impl Command for UnitCreate {
    const NAME: &'static str = "unitCreate";

    fn about(&self) -> About<'_> {
        About::Unit(&self.parent)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (tx, viewer) = (work.tx, work.viewer);
        let parent = find_for(tx, viewer, &self.parent, Right::Do(Action::CreateUnit)).await?;
        let coordinator = match &self.coordinator {
            Some(code) => Some(find_visible(tx, viewer, code).await?),
            None => None,
        };
        lock_tree(tx).await?;
        let mut faults = Faults::default();
        let code = faults.take(text::code("code", &self.code));
        let name = faults.take(text::line("name", &self.name, NAME_MAX));
        let name_en = faults.take(text::optional("nameEn", self.name_en.as_deref(), NAME_MAX));
        let sector = faults.take(sector("sector", self.sector.as_deref()));
        let bloc = faults.take(known_bloc(tx, self.bloc.as_deref()).await?);
        if let Some(code) = &code {
            faults.take(code_is_free(tx, code).await?);
        }
        faults.take(parent_is_legal(self.kind, &parent));
        // Somebody may have ended it before the lock was taken.
        faults.take(check_alive(&reread(tx, parent.id).await?, "parent"));
        if let Some(coordinator) = &coordinator {
            faults.take(check_alive(&coordinator.row, "coordinator"));
            faults.take(coordinator_is_legal(self.kind, &coordinator.row));
        }
        faults.take(period_is_right(self.kind, self.established_on, work.app.today()));
        let parts = code.zip(name).zip(name_en.zip(sector)).zip(bloc);
        let (((code, name), (name_en, sector)), bloc) = faults.finish_with(parts)?;

        let unit = NewUnit {
            id: work.app.new_id(),
            code,
            name,
            name_en,
            kind: self.kind,
            parent: Some(parent.id),
            coordinator: coordinator.as_ref().map(|unit| unit.row.id),
            bloc,
            sector,
            established_on: self.established_on,
        };
        let at = tx.stamp(&work.app.clock).await?;
        Planting::default().plant(work.app, tx, std::slice::from_ref(&unit), at).await?;
        Ok(Done::of(AuditObject::Unit, unit.id, unit.id)
            .field("code", None, Some(unit.code))
            .field("name", None, Some(unit.name))
            .field("nameEn", None, unit.name_en)
            .field("kind", None, Some(unit.kind.to_value()))
            .field("parent", None, Some(parent.code))
            .field("coordinator", None, coordinator.map(|unit| unit.row.code.clone()))
            .field("bloc", None, unit.bloc)
            .field("sector", None, unit.sector)
            .field("establishedOn", None, unit.established_on))
    }
}

/// A sector's code, or none.
pub fn sector(field: &str, text: Option<&str>) -> std::result::Result<Option<String>, UserError> {
    match text {
        Some(text) if !text.trim().is_empty() => text::code(field, text).map(Some),
        _ => Ok(None),
    }
}

pub(super) fn parent_is_legal(kind: UnitKind, parent: &unit::Model) -> std::result::Result<(), UserError> {
    if legal_parent(kind, parent.kind) {
        return Ok(());
    }
    let (kind_name, parent_kind) = (kind.to_value(), parent.kind.to_value());
    let message = message!(
        "a {kind} cannot stand below {parent} ({parent_kind}); it may stand below: {legal}",
        kind = kind_name,
        parent = &parent.code,
        parent_kind,
        legal = parents_in_words(kind)
    );
    Err(UserError::new(ErrorCode::IllegalParent, "parent", message))
}

pub(super) fn coordinator_is_legal(kind: UnitKind, coordinator: &unit::Model) -> std::result::Result<(), UserError> {
    if legal_coordinator(kind, coordinator.kind) {
        return Ok(());
    }
    let (kind, other) = (kind.to_value(), coordinator.kind.to_value());
    let message = message!("a {kind} cannot be coordinated by {unit} ({other})", kind, unit = &coordinator.code, other);
    Err(UserError::new(ErrorCode::IllegalParent, "coordinator", message))
}

fn period_is_right(
    kind: UnitKind,
    established_on: Option<NaiveDate>,
    today: NaiveDate,
) -> std::result::Result<(), UserError> {
    let day = established_on.unwrap_or(today);
    if day > today {
        return Err(UserError::new(
            ErrorCode::OutOfRange,
            "establishedOn",
            message!("establishedOn lies in the future"),
        ));
    }
    if rule(kind).may_begin_on(day) {
        return Ok(());
    }
    let message = message!("no {kind} was founded on {day}: that kind did not exist then", kind = kind.to_value(), day);
    Err(UserError::new(ErrorCode::Invalid, "kind", message))
}

async fn known_bloc(tx: &Tx, bloc: Option<&str>) -> Result<std::result::Result<Option<String>, UserError>> {
    let Some(bloc) = bloc else { return Ok(Ok(None)) };
    let known = blocs(tx).await?;
    if known.iter().any(|code| code == bloc) {
        return Ok(Ok(Some(bloc.to_owned())));
    }
    let message = message!("no bloc has this code; the federation's are: {known}", known = known.join(", "));
    Ok(Err(UserError::new(ErrorCode::UnknownCode, "bloc", message)))
}

/// The federation's bloc codes.
pub(crate) async fn blocs(tx: &Tx) -> Result<Vec<String>> {
    let rows: Vec<entity::bloc::Model> = tx.all(tx.sql("SELECT * FROM bloc ORDER BY code")).await?;
    Ok(rows.into_iter().map(|bloc| bloc.code).collect())
}

async fn code_is_free(tx: &Tx, code: &str) -> Result<std::result::Result<(), UserError>> {
    let mut sql = tx.sql("SELECT id FROM unit WHERE code = ");
    let (now, before) = (sql.bind(code), sql.bind(code));
    sql.push(&format!("{now} UNION ALL SELECT unit_id FROM unit_code WHERE code = {before}"));
    if tx.ids(sql).await?.is_empty() {
        return Ok(Ok(()));
    }
    let message = message!("this code is not available: a code belongs to one unit for ever; choose another");
    Ok(Err(UserError::new(ErrorCode::CodeNotAvailable, "code", message)))
}

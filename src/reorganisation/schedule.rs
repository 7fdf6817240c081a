//! Plans whose instant has come, applied by exactly one of the servers: whoever holds the plan's row.

use std::time::Duration;

use entity::enums::{AuditOutcome, ReorganisationState};
use entity::reorganisation;
use entity::reorganisation::Model;
use sea_orm::ActiveEnum;

use super::apply::{applied, done};
use super::plan::{Carried, steps_of};
use crate::access::{Caller, Viewer};
use crate::app::App;
use crate::audit::{self, About, Origin};
use crate::error::{Error, Result};
use crate::store::RowLock;

/// From one look to the next: an instant comes without anybody telling.
const EVERY: Duration = Duration::from_secs(1);

/// Applies what is due as long as the server runs.
pub async fn run_scheduler(app: App) {
    let app = app.unhurried();
    loop {
        if let Err(error) = turn(&app).await {
            tracing::warn!(%error, "a scheduled reorganisation could not be applied; it is tried again");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Applies everything that is due, one after the other.
pub async fn turn(app: &App) -> Result<()> {
    let tx = app.store.read().await?;
    let mut sql = tx.sql("SELECT id FROM reorganisation WHERE state = ");
    let (state, now) = (sql.bind(ReorganisationState::Scheduled.to_value()), sql.bind(app.now()));
    sql.push(&format!("{state} AND effective_at <= {now} ORDER BY effective_at, code"));
    let due = tx.ids(sql).await?;
    drop(tx);
    for id in due {
        if let Some(Err(error)) = apply(app, id).await? {
            fail(app, id, &error).await?;
        }
    }
    Ok(())
}

/// None where somebody else is at it. The inner error is why the plan does not fit.
async fn apply(app: &App, id: i64) -> Result<Option<Result<()>>> {
    let tx = app.store.write().await?;
    let mut sql = tx.sql("SELECT * FROM reorganisation WHERE id = ");
    let (bound, state) = (sql.bind(id), sql.bind(ReorganisationState::Scheduled.to_value()));
    sql.push(&format!("{bound} AND state = {state}{}", tx.dialect.row_lock(RowLock::UpdateOrSkip)));
    let Some(row) = tx.one::<Model>(sql).await? else { return Ok(None) };
    // With the rights that who proposed it has now.
    let by = row.proposed_by.unwrap_or(row.created_by);
    let steps = steps_of(&tx, id).await?;
    let viewer = Viewer::of(by);
    let carried = Carried { app, tx: &tx, viewer, by, row: &row, scheduled: true, told: &[] };
    let (moment, report) = match carried.perform(&steps).await {
        Ok(done) => done,
        Err(error) if error.is_transient() || matches!(error, Error::Busy | Error::Timeout) => return Err(error),
        Err(error) => {
            tx.rollback().await?;
            return Ok(Some(Err(error)));
        }
    };
    let row = applied(&row, moment, &report)?;
    tx.update::<reorganisation::Entity>(&row, &[]).await?;
    audit::write(app, &tx, &Origin::SERVER, "reorganisationApply", &done(&row)).await?;
    tx.commit().await?;
    app.fold_wanted.notify_one();
    Ok(Some(Ok(())))
}

/// Nothing was applied: the plan says why, and the audit log of its unit does.
async fn fail(app: &App, id: i64, error: &Error) -> Result<()> {
    let faults = match error {
        Error::User(faults) => serde_json::to_string(faults),
        other => serde_json::to_string(&[crate::error::UserError::new(
            crate::error::ErrorCode::Invalid,
            "",
            other.public_message(),
        )]),
    };
    let faults = faults.map_err(|error| Error::Internal(format!("faults: {error}")))?;
    let tx = app.store.write().await?;
    let mut sql = tx.sql("UPDATE reorganisation SET state = ");
    let state = sql.bind(ReorganisationState::Failed.to_value());
    let (faults, id_) = (sql.bind(faults), sql.bind(id));
    let scheduled = sql.bind(ReorganisationState::Scheduled.to_value());
    sql.push(&format!("{state}, faults = {faults}, version = version + 1 WHERE id = {id_} AND state = {scheduled}"));
    tx.run(sql).await?;
    tx.commit().await?;
    tracing::warn!(%error, "a scheduled reorganisation does not fit any more; nothing was applied");
    let about = About::Object(entity::enums::AuditObject::Reorganisation, id);
    let codes = audit::codes_of(error);
    audit::record(app, &Caller::nobody(), "reorganisationApply", about, AuditOutcome::Refused, &codes).await;
    Ok(())
}

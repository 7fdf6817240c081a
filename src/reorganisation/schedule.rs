//! Plans whose instant has come, applied by exactly one of the servers: whoever holds the plan's row.

use std::time::Duration;

use entity::enums::{AuditOutcome, ReorganisationState};
use entity::reorganisation;
use entity::reorganisation::Model;
use sea_orm::ActiveEnum;

use super::apply::{applied, done};
use super::plan::{Carried, steps_of};
use crate::access::{Caller, Viewer};
use crate::account::{Letter, PlanFault, PlanNews, send};
use crate::app::App;
use crate::audit::{self, About, Origin};
use crate::error::{Error, ErrorCode, Result, UserError};
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
    tell(app, &row, &[]).await;
    Ok(Some(Ok(())))
}

/// Nothing was applied: the plan says why, the audit log of its unit does, and a letter to whoever drew it up.
async fn fail(app: &App, id: i64, error: &Error) -> Result<()> {
    let faults = match error {
        Error::User(faults) => faults.clone(),
        other => vec![UserError::new(ErrorCode::Invalid, "", other.public_message())],
    };
    let kept = serde_json::to_string(&faults).map_err(|error| Error::Internal(format!("faults: {error}")))?;
    let tx = app.store.write().await?;
    let mut sql = tx.sql("SELECT * FROM reorganisation WHERE id = ");
    let (bound, state) = (sql.bind(id), sql.bind(ReorganisationState::Scheduled.to_value()));
    sql.push(&format!("{bound} AND state = {state}{}", tx.dialect.row_lock(RowLock::Update)));
    let Some(row) = tx.one::<Model>(sql).await? else { return Ok(()) };
    let (state, version) = (ReorganisationState::Failed, row.version + 1);
    let row = Model { state, version, faults: Some(kept), ..row };
    tx.update::<reorganisation::Entity>(&row, &[]).await?;
    tx.commit().await?;
    tracing::warn!(%error, "a scheduled reorganisation does not fit any more; nothing was applied");
    let about = About::Object(entity::enums::AuditObject::Reorganisation, id);
    let codes = audit::codes_of(error);
    audit::record(app, &Caller::nobody(), "reorganisationApply", about, AuditOutcome::Refused, &codes).await;
    tell(app, &row, &faults).await;
    Ok(())
}

/// Sends a letter to whoever drew it up, proposed and confirmed it. What cannot be sent is logged: the plan says it too.
async fn tell(app: &App, row: &Model, faults: &[UserError]) {
    let mut owners = vec![row.created_by];
    owners.extend(row.proposed_by.into_iter().chain(row.confirmed_by));
    owners.sort_unstable();
    owners.dedup();
    let news = PlanNews {
        code: row.code.clone(),
        name: row.name.clone(),
        faults: faults.iter().map(PlanFault::from).collect(),
    };
    for owner in owners {
        let sent = async {
            let tx = app.store.read().await?;
            let letter = Letter::of_plan(&tx, owner, news.clone()).await?;
            drop(tx);
            send(app, &letter).await
        };
        if let Err(error) = sent.await {
            tracing::warn!(%error, plan = row.code, "a letter about a reorganisation could not be sent");
        }
    }
}

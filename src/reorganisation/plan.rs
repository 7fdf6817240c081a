//! A plan as it is stored, and carrying it out inside a transaction.

use entity::enums::{Action, Role};
use entity::reorganisation::Model;
use entity::{reorganisation_step, unit};

use super::effect::{Deed, Outcome, hold};
use super::faults::PlanFaults;
use super::report::Report;
use super::restate::restate;
use super::sketch::{Sketch, Sketched};
use super::step::Step;
use super::{bundle, carry, conserve, judge};
use crate::access::{Right, Viewer, places};
use crate::app::App;
use crate::clock::local_day;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{fold_queued, lock_tree};
use crate::store::Tx;
use crate::text::message;
use crate::unit::restructure::Moment;

/// So many units are told of before and after, beside those that are asked for.
const TOLD: usize = 120;

/// Who carries out what, and when it takes effect.
pub struct Carried<'a> {
    pub app: &'a App,
    pub tx: &'a Tx,
    pub viewer: Viewer,
    pub by: i64,
    pub row: &'a Model,
    /// Whether the instant was set while it lay ahead: then it is nobody's backdating.
    pub scheduled: bool,
    /// Codes of units whose numbers are told as well.
    pub told: &'a [String],
}

/// The steps of a plan, in order.
pub async fn steps_of(tx: &Tx, id: i64) -> Result<Vec<Step>> {
    let mut sql = tx.sql("SELECT * FROM reorganisation_step WHERE reorganisation_id = ");
    let id = sql.bind(id);
    sql.push(&format!("{id} ORDER BY position"));
    tx.all::<reorganisation_step::Model>(sql).await?.iter().map(Step::of_row).collect()
}

impl Carried<'_> {
    /// Carries the steps out on a sketch and judges it; then writes it. Everything that is wrong comes at once.
    pub async fn perform(&self, steps: &[Step]) -> Result<(Moment, Report)> {
        let (app, tx) = (self.app, self.tx);
        lock_tree(tx).await?;
        let at = self.row.effective_at.unwrap_or_else(|| app.now());
        let day = local_day(app.config.time_zone, at);
        let mut sketch = Sketch::load(tx, self.viewer, steps, day).await?;
        let mut faults = carry::carry_out(&mut sketch, steps, at, || app.new_id());
        judge::tree(&sketch, &mut faults);
        // Whoever decides on a record holds it before its unit.
        bundle::assign(tx, &mut sketch, steps, &mut faults).await?;
        hold(tx, &sketch.those(Sketched::ends)).await?;
        judge::records(tx, &sketch, steps, &mut faults).await?;
        judge::members(tx, &sketch, steps, &mut faults).await?;
        restate(tx, self.viewer, &mut sketch, steps, &mut faults).await?;
        self.finish(sketch, faults).await
    }

    /// The same for a sketch that is drawn already.
    pub async fn finish(&self, mut sketch: Sketch, mut faults: PlanFaults) -> Result<(Moment, Report)> {
        let (app, tx) = (self.app, self.tx);
        if let Some(at) = self.row.effective_at {
            if at > app.now() {
                let message = message!("the instant lies in the future: schedule it, or apply it when it has come");
                faults.add(0, "effectiveAt", ErrorCode::OutOfRange, message);
            }
            judge::since(tx, &sketch, at, &mut faults).await?;
        }
        self.authorise(&sketch, &mut faults).await?;
        faults.finish()?;
        let told = self.told(&sketch).await?;
        fold_queued(tx).await?;
        bundle::carve(app, tx, &mut sketch).await?;
        let before = conserve::standings(app, tx, &existing(&sketch, &told)).await?;
        let (reorganisation, effective_at) = (self.row.id, self.row.effective_at);
        let reason = self.row.reason.as_deref();
        let deed = Deed { app, tx, reorganisation, effective_at, reason, by: self.by };
        let Outcome { moment, touched, affected } = deed.perform(&sketch).await?;
        conserve::prove(tx, &affected).await?;
        let after = conserve::standings(app, tx, &told).await?;
        let conservation = conserve::statements(&sketch, &told, &before, &after)?;
        let units = conserve::compared(&sketch, &told, &before, &after);
        let (version, at) = (self.row.version, app.now());
        Ok((moment, Report { conservation, units, version, at, ..Report::of(&sketch, touched) }))
    }

    /// ADMIN at or above every parent that is touched; what takes effect in the past needs an OPERATOR and a reason too.
    async fn authorise(&self, sketch: &Sketch, faults: &mut PlanFaults) -> Result<()> {
        let (common, root) = (judge::common(sketch), sketch.root);
        let places = places(self.tx, self.viewer, &[common, root]).await?;
        if !places.get(&common).is_some_and(|places| places.permit(Right::Do(Action::Move))) {
            return Err(Error::Forbidden(message!(
                "this needs an ADMIN at or above {unit}, which stands above everything that it changes",
                unit = sketch.code(common)
            )));
        }
        if self.row.effective_at.is_some() && !self.scheduled {
            if !places.get(&root).is_some_and(|places| places.hold(Role::Operator)) {
                return Err(Error::Forbidden(message!("what takes effect in the past needs an OPERATOR too")));
            }
            if self.row.reason.is_none() {
                let message = message!("what takes effect in the past needs a reason");
                faults.add(0, "reason", ErrorCode::Required, message);
            }
        }
        Ok(())
    }

    /// Units whose numbers are told: the root, what is made and ends high up, their siblings, and those that were asked for.
    async fn told(&self, sketch: &Sketch) -> Result<Vec<i64>> {
        let mut asked: Vec<i64> = Vec::new();
        for code in self.told {
            let found = crate::unit::seen_by_code(self.tx, self.viewer, std::slice::from_ref(code)).await?;
            match found.get(code) {
                Some(unit) => asked.push(unit.row.id),
                None => match sketch.codes.get(code) {
                    Some(id) => asked.push(*id),
                    None => return Err(Error::unit_not_found(code)),
                },
            }
        }
        let mut told = vec![sketch.root];
        told.extend(asked);
        let mut changed: Vec<(usize, i64)> = sketch
            .changed()
            .filter(|(_, unit)| unit.is_made() || unit.ends() || unit.moves() || unit.revives())
            .map(|(id, _)| (sketch.way_up(id, false).len(), id))
            .collect();
        changed.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| sketch.code(a.1).cmp(sketch.code(b.1))));
        for (_, id) in &changed {
            told.extend(sketch.get(*id).and_then(|unit| unit.is.parent));
        }
        let mut seen = std::collections::HashSet::new();
        told.extend(changed.into_iter().map(|(_, id)| id));
        told.retain(|id| seen.insert(*id));
        told.truncate(TOLD.max(self.told.len() + 1));
        Ok(told)
    }
}

fn existing(sketch: &Sketch, units: &[i64]) -> Vec<i64> {
    units.iter().copied().filter(|id| !sketch.get(*id).is_some_and(Sketched::is_made)).collect()
}

/// The unit that draws a plan up, for whoever may.
pub async fn owner(tx: &Tx, viewer: Viewer, code: &str) -> Result<unit::Model> {
    crate::unit::find_for(tx, viewer, code, Right::Do(Action::Move)).await
}

//! Making the tree what the sketch says, and everything that hangs on it. Under the tree's lock; the sketch has been judged.

mod clusters;
mod people;
mod targets;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use entity::initiative::Model as Draft;
use entity::{reorganisation_change, unit_code, unit_lineage};

use super::blocks;
use super::sketch::{Sketch, Sketched};
use crate::app::App;
use crate::clock::local_day;
use crate::error::{Error, Result};
use crate::initiative;
use crate::ledger::{become_inner, bump_tree_version, displace, regroup};
use crate::store::{Conflict, RowLock, Tx};
use crate::unit::restructure::{self as tree, Moment, rows};
use crate::unit::{NewUnit, Planting};

/// What is done, and for whom.
pub struct Deed<'a> {
    pub app: &'a App,
    pub tx: &'a Tx,
    pub reorganisation: i64,
    /// None: when it is recorded.
    pub effective_at: Option<i64>,
    pub reason: Option<&'a str>,
    pub by: i64,
}

/// What hung on the units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    pub members: u64,
    pub grants: u64,
    pub drafts: u64,
    pub targets: u64,
    pub memberships: u64,
}

/// What was done.
pub struct Outcome {
    pub moment: Moment,
    pub touched: Touched,
    /// Units whose records are others now.
    pub affected: Vec<i64>,
}

/// Units that change beyond which the instant is set ahead; by how much then, seconds, and how many more are written in each further
/// one even on a machine that has other work. What is stamped before it has come bears it.
const AT_ONCE: usize = 2_000;
const AHEAD: usize = 20;
const A_SECOND: usize = 1_000;

/// Waits for those who write to the units that end; who comes later finds them ended. What stands in them is judged afterwards.
pub async fn hold(tx: &Tx, units: &[i64]) -> Result<()> {
    // Authors hold their draft before its unit: in this order nobody waits for whoever waits for him.
    initiative::drafts_of(tx, units).await?;
    let mut sql = tx.sql("SELECT id FROM unit WHERE ");
    let these = sql.any_id("id", units);
    sql.push(&format!("{these} ORDER BY id{}", tx.dialect.row_lock(RowLock::Update)));
    tx.ids(sql).await?;
    Ok(())
}

impl Deed<'_> {
    pub async fn perform(&self, sketch: &Sketch) -> Result<Outcome> {
        let tx = self.tx;
        hold(tx, &sketch.those(Sketched::ends)).await?;
        let moment = self.moment(sketch).await?;
        self.plant(sketch, moment).await?;
        for unit in homes(sketch) {
            become_inner(tx, unit).await?;
        }
        let regrouping = blocks::regrouping(tx, sketch).await?;
        regroup(tx, &regrouping).await?;
        self.relink(sketch, moment).await?;
        self.write_rows(sketch, moment).await?;
        self.write_lineage(sketch, moment).await?;
        let affected: Vec<i64> = regrouping.into_keys().collect();
        displace(tx, &affected).await?;
        let touched = Touched {
            memberships: clusters::settle(tx, sketch, moment).await?,
            targets: targets::pass(self, sketch, moment).await?,
            drafts: self.rehome_drafts(sketch, moment).await?,
            ..people::rehome(self, sketch, moment).await?
        };
        self.write_changes(sketch).await?;
        bump_tree_version(tx).await?;
        Ok(Outcome { moment, touched, affected })
    }

    async fn moment(&self, sketch: &Sketch) -> Result<Moment> {
        let changed = sketch.changed().count();
        let ahead = if changed > AT_ONCE { (AHEAD + changed / A_SECOND) as u64 } else { 0 };
        let recorded = self.tx.stamp_tree_ahead(&self.app.clock, Duration::from_secs(ahead)).await?;
        Ok(Moment { recorded, effective: self.effective_at.map_or(recorded, |at| at.min(recorded)) })
    }

    /// New units, and what they can be seated at in trees of the past.
    async fn plant(&self, sketch: &Sketch, moment: Moment) -> Result<()> {
        let mut made = sketch.those(Sketched::is_made);
        if made.is_empty() {
            return Ok(());
        }
        made.sort_by_key(|id| sketch.way_up(*id, false).len());
        // They may stand below units that have not got their place yet: their links are made with everybody's.
        let day = local_day(self.app.config.time_zone, moment.effective);
        let new = made.iter().filter_map(|id| sketch.get(*id).map(|unit| (*id, &unit.is))).map(|(id, is)| NewUnit {
            id,
            code: is.code.clone(),
            name: is.name.clone(),
            name_en: is.name_en.clone(),
            kind: is.kind,
            parent: is.parent,
            coordinator: is.coordinator,
            bloc: is.bloc.clone(),
            sector: is.sector.clone(),
            established_on: Some(day),
        });
        let new: Vec<NewUnit> = new.collect();
        Planting::default().plant(self.app, self.tx, &new, moment.recorded).await?;
        let begins: Vec<(i64, i64)> = made.iter().map(|id| (*id, moment.effective)).collect();
        rows::set_beginning(self.tx, &begins, moment).await?;
        let mut sql = self.tx.sql("UPDATE unit SET has_cells = TRUE WHERE ");
        let these = sql.any_id("id", &made);
        sql.push(&these);
        self.tx.run(sql).await?;
        Ok(())
    }

    /// Links: from the top of the new tree downwards, so that what is put somewhere is put where it stays; then the ends.
    async fn relink(&self, sketch: &Sketch, moment: Moment) -> Result<()> {
        let mut moving: BTreeMap<(usize, bool, i64, i64), Vec<i64>> = BTreeMap::new();
        for (id, unit) in sketch.units.iter().filter(|(_, unit)| unit.moves() || unit.revives()) {
            let depth = sketch.way_up(*id, false).len();
            let to = unit.is.parent.ok_or_else(|| Error::Internal("a unit without a parent is moved".to_owned()))?;
            let from = unit.was.as_ref().and_then(|was| was.parent).unwrap_or(to);
            moving.entry((depth, unit.moves(), from, to)).or_default().push(*id);
        }
        for ((_, moves, from, to), units) in moving {
            if moves {
                tree::reparent(self.tx, &units, from, to, moment).await?;
                continue;
            }
            for unit in units {
                tree::revive(self.tx, unit, to, moment).await?;
            }
        }
        let mut reseated: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (id, unit) in sketch.units.iter().filter(|(_, unit)| unit.reseats()) {
            reseated.entry(unit.is.seat).or_default().push(*id);
        }
        // From below upwards: what ends with the unit that it stands below may be seated elsewhere than that.
        let mut ending = sketch.those(Sketched::ends);
        ending.sort_by_key(|id| std::cmp::Reverse(sketch.way_up(*id, true).len()));
        for id in ending {
            tree::end(self.tx, id, sketch.seat(id, false), moment).await?;
        }
        for (seat, units) in reseated {
            tree::reseat(self.tx, &units, seat, moment).await?;
        }
        Ok(())
    }

    async fn write_rows(&self, sketch: &Sketch, moment: Moment) -> Result<()> {
        let (tx, app) = (self.tx, self.app);
        let day = local_day(app.config.time_zone, moment.effective);
        let (ending, reviving) = (sketch.those(Sketched::ends), sketch.those(Sketched::revives));
        rows::set_end(tx, &ending, moment, Some(day)).await?;
        rows::set_end(tx, &reviving, moment, None).await?;
        let mut parents: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let mut coordinators: BTreeMap<Option<i64>, Vec<i64>> = BTreeMap::new();
        let (mut placed, mut named, mut faces) = (Vec::new(), Vec::new(), Vec::new());
        for (id, unit) in sketch.changed() {
            let Some(was) = unit.was.as_ref() else { continue };
            let is = &unit.is;
            if let Some(parent) = is.parent.filter(|_| !is.ended && was.parent != is.parent) {
                parents.entry(parent).or_default().push(id);
            }
            if was.coordinator != is.coordinator {
                coordinators.entry(is.coordinator).or_default().push(id);
            }
            let place = was.parent != is.parent || was.coordinator != is.coordinator || was.kind != is.kind;
            if !is.ended && (place || was.ended) {
                placed.push(id);
            }
            if (&was.name, &was.name_en) != (&is.name, &is.name_en) {
                named.push(id);
            }
            if was.code != is.code || was.kind != is.kind || was.name != is.name || was.name_en != is.name_en {
                faces.push(id);
            }
        }
        for (parent, units) in parents {
            rows::set_parent(tx, &units, parent).await?;
        }
        for (coordinator, units) in coordinators {
            rows::set_coordinator(tx, &units, coordinator).await?;
        }
        for mut row in rows::rows(tx, &faces).await? {
            let Some(unit) = sketch.get(row.id) else { continue };
            (row.name, row.name_en) = (unit.is.name.clone(), unit.is.name_en.clone());
            (row.code, row.kind) = (unit.is.code.clone(), unit.is.kind);
            rows::set_face(tx, &row).await?;
        }
        rows::set_depths(tx, sketch.root, moment).await?;
        self.write_codes(sketch, moment).await?;
        tree::rename(app, tx, &rows::rows(tx, &named).await?, moment).await?;
        tree::close(app, tx, &ending, moment).await?;
        tree::reopen(app, tx, &rows::rows(tx, &placed).await?, self.reason, moment).await
    }

    /// Codes of before go on answering.
    async fn write_codes(&self, sketch: &Sketch, moment: Moment) -> Result<()> {
        let mut given = Vec::new();
        for (id, unit) in sketch.changed() {
            let Some(was) = unit.was.as_ref().filter(|was| was.code != unit.is.code) else { continue };
            given.push(unit.is.code.clone());
            let row = unit_code::Model {
                code: was.code.clone(),
                unit_id: id,
                valid_from: unit.began.min(moment.effective),
                valid_to: moment.effective,
            };
            self.tx.insert::<unit_code::Entity>(&[row], Conflict::Keep).await?;
        }
        // A unit that gets back a code that it had before.
        let mut sql = self.tx.sql("DELETE FROM unit_code WHERE ");
        let these = sql.any_text("code", &given);
        sql.push(&these);
        self.tx.run(sql).await?;
        Ok(())
    }

    async fn write_lineage(&self, sketch: &Sketch, moment: Moment) -> Result<()> {
        let rows: Vec<_> = sketch
            .lineage
            .iter()
            .map(|(predecessor_id, successor_id)| unit_lineage::Model {
                predecessor_id: *predecessor_id,
                successor_id: *successor_id,
                reorganisation_id: self.reorganisation,
                valid_from: moment.effective,
                valid_to: None,
            })
            .collect();
        self.tx.insert::<unit_lineage::Entity>(&rows, Conflict::Fail).await?;
        let of = |id: &i64| sketch.lineage.iter().filter(|(_, to)| to == id).map(|(from, _)| *from).collect();
        let made: Vec<(i64, Vec<i64>)> = sketch.those(Sketched::is_made).into_iter().map(|id| (id, of(&id))).collect();
        let begins = tree::reach_back(self.tx, &made, moment.effective).await?;
        for (unit, at) in begins {
            rows::set_begins_at(self.tx, unit, at).await?;
        }
        Ok(())
    }

    /// Drafts of units that end go to their seats, or where the sketch sends them.
    async fn rehome_drafts(&self, sketch: &Sketch, moment: Moment) -> Result<u64> {
        let mut drafts = initiative::drafts_of(self.tx, &sketch.those(Sketched::ends)).await?;
        let sent: Vec<i64> = sketch.drafts.keys().copied().collect();
        drafts.extend(initiative::drafts_among(self.tx, &sent).await?);
        drafts.sort_by_key(|draft| draft.id);
        drafts.dedup_by_key(|draft| draft.id);
        let home = |draft: &Draft| sketch.drafts.get(&draft.id).copied().unwrap_or(sketch.seat(draft.unit_id, false));
        let homes: HashMap<i64, i64> = drafts.iter().map(|draft| (draft.id, home(draft))).collect();
        initiative::rehome_drafts(self.tx, &drafts, &homes, self.by, moment.recorded).await
    }

    async fn write_changes(&self, sketch: &Sketch) -> Result<()> {
        let json = |state: &super::sketch::State| {
            serde_json::to_string(state).map_err(|error| Error::Internal(format!("a unit's state: {error}")))
        };
        let mut rows = Vec::new();
        for (unit_id, unit) in sketch.changed() {
            rows.push(reorganisation_change::Model {
                reorganisation_id: self.reorganisation,
                unit_id,
                was: unit.was.as_ref().map(json).transpose()?,
                became: json(&unit.is)?,
            });
        }
        self.tx.insert::<reorganisation_change::Entity>(&rows, Conflict::Fail).await?;
        Ok(())
    }
}

/// Units that live and get sub-units or records of others, and so keep cells.
fn homes(sketch: &Sketch) -> Vec<i64> {
    let mut homes: Vec<i64> = Vec::new();
    for unit in sketch.units.values() {
        if unit.moves() || unit.revives() {
            homes.extend(unit.is.parent);
        }
        if unit.ends() || unit.reseats() {
            homes.push(unit.is.seat);
        }
    }
    homes.sort_unstable();
    homes.dedup();
    homes
}

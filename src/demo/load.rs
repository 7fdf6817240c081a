//! Storing the plan: all of it in one transaction, or nothing.

use entity::enums::{Role, UnitKind, Visibility};
use entity::{account, initiative, initiative_author, initiative_event, participant, role_grant};
use rand::SeedableRng;
use rand::rngs::StdRng;
use sha2::{Digest, Sha256};

use super::cast::{ADMIN, ANALYST, MEMBER, OPERATOR, REVIEWER, Sort};
use super::plan::{self, Plan, PlanUnit};
use super::programmes::{Campaign, found, targets};
use super::records::{Records, coded};
use super::standing::Standing;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::ledger::{apply, lock_tree};
use crate::store::{Conflict, Store, Tx};
use crate::unit::{NewUnit, Planting};

/// 1 December 2021, 00:00 in Vietnam: before the programme begins, and the first day of all units and accounts.
pub(super) const OPENING: i64 = 1_638_291_600_000;

/// What the generator of ids is seeded with beside the seed; another number where the demo has become another one.
const EDITION: &str = "banyan demo, edition 1, scale small";

/// The database's ids of what the plan names by its index.
pub(super) struct Ids {
    pub units: Vec<i64>,
    /// Members, then the demo's own.
    pub people: Vec<i64>,
    /// For each unit the account that decides on its initiatives.
    pub deciders: Vec<i64>,
}

/// An app that draws its ids from the seed's generator.
pub fn loader(store: Store, config: Config, seed: u64) -> App {
    App::with(store, config, Clock::System, generator(seed))
}

fn generator(seed: u64) -> StdRng {
    StdRng::from_seed(Sha256::digest(format!("{EDITION}, seed {seed}")).into())
}

/// The first id that the generator gives.
pub(super) fn operator_id(seed: u64) -> i64 {
    rand::Rng::random_range(&mut generator(seed), 1..=i64::MAX)
}

/// Stores the demo of the seed into an empty database. `loader` is fresh from [`loader`].
pub async fn prepare(loader: &App, seed: u64) -> Result<()> {
    let plan = plan::plan(seed).map_err(Error::Internal)?;
    let tx = loader.store.write().await?;
    lock_tree(&tx).await?;
    tx.begin_bulk().await?;
    let operator = loader.new_id();
    let units = units(loader, &tx, &plan.units).await?;
    let standing = Standing::of(&plan)?;
    let ids = accounts(loader, &tx, &plan, units, standing.unit, operator).await?;

    let announced = plan::programme();
    let campaign = Campaign {
        code: announced.code,
        name: announced.name,
        name_en: announced.name_en,
        starts_on: announced.starts_on,
        plan_ends_on: announced.plan_ends_on,
        visibility: Visibility::Public,
        phases: &announced.phases,
        groups: &announced.groups,
        blocs: &announced.blocs,
    };
    let main = found(loader, &tx, &campaign).await?;
    let second = found(loader, &tx, &standing.campaign(&announced)).await?;
    targets(loader, &tx, &ids.units, &main, &plan.targets).await?;
    targets(loader, &tx, &ids.units, &second, &standing.targets).await?;

    let mut records = Records::default();
    for initiative in &plan.initiatives {
        records.add(loader, &ids, &main, initiative)?;
    }
    for initiative in &standing.initiatives {
        records.add(loader, &ids, &second, initiative)?;
    }
    records.add_draft(loader, &ids, &second, &standing.draft)?;
    write(&tx, records).await?;
    tx.end_bulk().await?;
    tx.commit().await
}

async fn units(app: &App, tx: &Tx, plan: &[PlanUnit]) -> Result<Vec<i64>> {
    let ids: Vec<i64> = plan.iter().map(|_| app.new_id()).collect();
    let units = plan.iter().enumerate().map(|(i, unit)| {
        Ok(NewUnit {
            id: ids[i],
            code: unit.code.clone(),
            name: unit.name.clone(),
            name_en: unit.name_en.clone(),
            kind: coded::<UnitKind>(unit.kind)?,
            parent: unit.parent.map(|parent| ids[parent]),
            coordinator: unit.coordinator.map(|coordinator| ids[coordinator]),
            bloc: unit.bloc.map(str::to_owned),
            sector: unit.sector.map(str::to_owned),
            established_on: None,
        })
    });
    let units: Vec<NewUnit> = units.collect::<Result<_>>()?;
    Planting::default().plant(app, tx, &units, OPENING).await?;
    Ok(ids)
}

/// Members, a reviewer for each direct unit, and the accounts to try the server with; `home` is the unit of the last two of them.
async fn accounts(app: &App, tx: &Tx, plan: &Plan, units: Vec<i64>, home: usize, operator: i64) -> Result<Ids> {
    let mut rows = Vec::with_capacity(plan.people.len() + 100);
    let mut grants = Vec::with_capacity(plan.people.len() + 100);
    let mut open = |id: i64, name: String, email: String, unit: i64, consent: bool, role: Role| {
        let (display_name, email, unit_id) = (name, Some(email), Some(unit));
        rows.push(account::Model {
            id,
            display_name,
            email,
            phone: None,
            unit_id,
            consent,
            created_at: OPENING,
            erased_at: None,
        });
        grants.push(role_grant::Model { id: app.new_id(), account_id: id, unit_id: unit, role, granted_at: OPENING });
        id
    };
    let mut people: Vec<i64> = Vec::with_capacity(plan.people.len() + 1);
    for person in &plan.people {
        let (name, email) = (person.name.clone(), person.email.clone());
        people.push(open(app.new_id(), name, email, units[person.unit], person.consent, Role::Member));
    }
    let mut deciders: Vec<i64> = Vec::with_capacity(units.len());
    for (i, unit) in plan.units.iter().enumerate() {
        let decider = match unit.parent {
            // The root has no initiatives.
            None => operator,
            Some(0) => {
                let email = format!("reviewer-{}@example.org", unit.code.to_lowercase());
                open(app.new_id(), format!("Người thẩm định {}", unit.code), email, units[i], true, Role::Reviewer)
            }
            Some(parent) => deciders[parent],
        };
        deciders.push(decider);
    }
    let mut part = |sort: &Sort, id, unit: usize| {
        open(id, sort.name.to_owned(), sort.email.to_owned(), units[unit], true, sort.role)
    };
    part(&OPERATOR, operator, 0);
    part(&ANALYST, app.new_id(), 0);
    part(&ADMIN, app.new_id(), ha_noi(plan)?);
    part(&REVIEWER, app.new_id(), home);
    people.push(part(&MEMBER, app.new_id(), home));
    tx.insert::<account::Entity>(&rows, Conflict::Fail).await?;
    tx.insert::<role_grant::Entity>(&grants, Conflict::Fail).await?;
    Ok(Ids { units, people, deciders })
}

/// Index of the provincial federation of Hà Nội.
pub(super) fn ha_noi(plan: &Plan) -> Result<usize> {
    let found = plan.units.iter().position(|unit| unit.code == "P01");
    found.ok_or_else(|| Error::Internal("the demo's plan has no unit P01".to_owned()))
}

async fn write(tx: &Tx, mut records: Records) -> Result<()> {
    // Ids are random: in their order every row is put beside the one before it.
    records.initiatives.sort_unstable_by_key(|row| row.id);
    records.authors.sort_unstable_by_key(|row| (row.initiative_id, row.account_id));
    records.events.sort_unstable_by_key(|row| (row.initiative_id, row.seq));
    records.participants.sort_unstable_by_key(|row| (row.initiative_id, row.account_id));
    tx.insert::<initiative::Entity>(&records.initiatives, Conflict::Fail).await?;
    tx.insert::<initiative_author::Entity>(&records.authors, Conflict::Fail).await?;
    tx.insert::<initiative_event::Entity>(&records.events, Conflict::Fail).await?;
    tx.insert::<participant::Entity>(&records.participants, Conflict::Fail).await?;
    apply(tx, &records.deltas).await
}

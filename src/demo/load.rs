//! What both scales load alike, and the small demo: all in one transaction, or nothing.

use entity::enums::{Role, UnitKind};
use entity::{account, initiative, initiative_author, initiative_event, participant, role_grant};
use rand::SeedableRng;
use rand::rngs::StdRng;
use sha2::{Digest, Sha256};

use super::cast::{ADMIN, ANALYST, MEMBER, OPERATOR, REVIEWER, Sort};
use super::merger;
use super::plan::{self, PlanUnit, Scale};
use super::programmes::{Campaign, found, targets};
use super::records::{Records, coded};
use super::reorganisation;
use super::standing::{Standing, busiest, waits};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::ledger::{apply, lock_tree};
use crate::store::{Conflict, Store, Tx};
use crate::unit::{NewUnit, Planting};

/// 1 January 2021, 00:00 in Vietnam: before the first programme begins, and the first day of all units and accounts.
pub(super) const OPENING: i64 = 1_609_434_000_000;

/// What the operator's id is drawn by, beside the seed: another number where the demo has become another one, which is told by it.
const EDITION: &str = "banyan demo, edition 3, scale";
/// What most other ids are drawn by; those that were there in edition 2 are the same ones.
const IDS: &str = "banyan demo, edition 2, scale";
/// What those of the programme of 2021 are drawn by.
const PREDECESSOR_IDS: &str = "banyan demo, programme of 2021, scale";

/// The database's ids of what the plan names by its index.
pub(super) struct Ids {
    pub units: Vec<i64>,
    /// Members, then the demo's own.
    pub people: Vec<i64>,
    /// For each unit the account that decides on its initiatives.
    pub deciders: Vec<i64>,
}

/// An app that draws its ids from the seed's generator.
pub fn loader(store: Store, config: Config, seed: u64, scale: Scale) -> App {
    let app = App::with(store, config, Clock::System, generator(IDS, seed, scale));
    // In edition 2 this was the operator's.
    app.new_id();
    app
}

/// The same for the programme of 2021: ids from a generator of its own.
pub(super) fn predecessor_loader(loader: &App, seed: u64, scale: Scale) -> App {
    App::with(loader.store.clone(), (*loader.config).clone(), Clock::System, generator(PREDECESSOR_IDS, seed, scale))
}

fn generator(what: &str, seed: u64, scale: Scale) -> StdRng {
    let scale = match scale {
        Scale::Small => "small",
        Scale::Full => "full",
    };
    StdRng::from_seed(Sha256::digest(format!("{what} {scale}, seed {seed}")).into())
}

/// By which a demo's seed, scale and edition are told.
pub(super) fn operator_id(seed: u64, scale: Scale) -> i64 {
    rand::Rng::random_range(&mut generator(EDITION, seed, scale), 1..=i64::MAX)
}

/// Stores the small demo of the seed into an empty database. `loader` is fresh from [`loader`].
pub(super) async fn prepare_small(loader: &App, seed: u64) -> Result<()> {
    let plan = plan::plan(seed, Scale::Small).map_err(Error::Internal)?;
    let tx = loader.store.write().await?;
    lock_tree(&tx).await?;
    tx.begin_bulk(64).await?;
    let operator = operator_id(seed, Scale::Small);
    let units = units(loader, &tx, &plan.units).await?;

    let ha_noi = ha_noi(&plan.units)?;
    let mut waiting = vec![0; plan.units.len()];
    for initiative in &plan.initiatives {
        waiting[initiative.unit] += usize::from(waits(initiative));
    }
    let home = busiest(&plan.units, &waiting, ha_noi)?;
    let colleagues: Vec<usize> = (0..plan.people.len()).filter(|person| plan.people[*person].unit == home).collect();
    let standing = Standing::of(home, &colleagues, plan.people.len(), ha_noi)?;

    let mut people = People::default();
    let mut members: Vec<i64> = Vec::with_capacity(plan.people.len() + 1);
    for person in &plan.people {
        let (name, email) = (person.name.clone(), person.email.clone());
        members.push(people.open(
            loader,
            loader.new_id(),
            name,
            email,
            units[person.unit],
            person.consent,
            Role::Member,
        ));
    }
    let deciders = people.deciders(loader, &plan.units, &units, operator);
    people.cast(loader, &units, operator, ha_noi, home, &mut members);
    people.write(&tx).await?;
    let ids = Ids { units, people: members, deciders };

    let announced = plan::programme();
    let main = found(loader, &tx, &Campaign::announced(&announced)).await?;
    let second = found(loader, &tx, &Standing::campaign(&announced)).await?;
    targets(loader, &tx, &ids.units, &main, &plan.targets).await?;

    let mut records = Records::default();
    for initiative in &plan.initiatives {
        records.add(loader, loader.new_id(), &ids, &main, initiative)?;
    }
    let early = predecessor_loader(loader, seed, Scale::Small);
    let predecessor = found(&early, &tx, &Campaign::announced(&plan::predecessor())).await?;
    targets(&early, &tx, &ids.units, &predecessor, &plan.earlier_targets).await?;
    for initiative in &plan.earlier {
        records.add(&early, early.new_id(), &ids, &predecessor, initiative)?;
    }
    write(&tx, records).await?;
    reorganisation::admit(loader, &tx, ids.units[0], operator).await?;
    merger::merge(loader, &tx, operator).await?;
    targets(loader, &tx, &ids.units, &second, &standing.targets).await?;
    let mut records = Records::default();
    for initiative in &standing.initiatives {
        records.add(loader, loader.new_id(), &ids, &second, initiative)?;
    }
    records.add_draft(loader, loader.new_id(), &ids, &second, &standing.draft)?;
    write(&tx, records).await?;
    reorganisation::draft(loader, &tx, ids.units[0], operator).await?;
    tx.end_bulk().await?;
    tx.commit().await
}

/// Plants the tree and answers the units' ids.
pub(super) async fn units(app: &App, tx: &Tx, plan: &[PlanUnit]) -> Result<Vec<i64>> {
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

/// Accounts with the one role that each holds.
#[derive(Default)]
pub(super) struct People {
    pub accounts: Vec<account::Model>,
    pub grants: Vec<role_grant::Model>,
}

impl People {
    /// Adds an account and answers its id.
    #[expect(clippy::too_many_arguments, reason = "an account is who, where, and what he may do")]
    pub fn open(
        &mut self,
        app: &App,
        id: i64,
        name: String,
        email: String,
        unit: i64,
        consent: bool,
        role: Role,
    ) -> i64 {
        self.open_with(app.new_id(), id, name, email, unit, consent, role)
    }

    /// The same, with the grant's id.
    #[expect(clippy::too_many_arguments, reason = "an account is who, where, and what he may do")]
    pub fn open_with(
        &mut self,
        grant: i64,
        id: i64,
        name: String,
        email: String,
        unit: i64,
        consent: bool,
        role: Role,
    ) -> i64 {
        let (display_name, email, unit_id) = (name, Some(email), Some(unit));
        self.accounts.push(account::Model {
            id,
            display_name,
            email,
            phone: None,
            unit_id,
            consent,
            created_at: OPENING,
            erased_at: None,
        });
        self.grants.push(role_grant::Model { id: grant, account_id: id, unit_id: unit, role, granted_at: OPENING });
        id
    }

    /// A reviewer for each direct unit; answers who decides in each unit.
    pub fn deciders(&mut self, app: &App, plan: &[PlanUnit], units: &[i64], operator: i64) -> Vec<i64> {
        let mut deciders: Vec<i64> = Vec::with_capacity(units.len());
        for (i, unit) in plan.iter().enumerate() {
            let decider = match unit.parent {
                // The root has no initiatives.
                None => operator,
                Some(0) => {
                    let email = format!("reviewer-{}@example.org", unit.code.to_lowercase());
                    let name = format!("Người thẩm định {}", unit.code);
                    self.open(app, app.new_id(), name, email, units[i], true, Role::Reviewer)
                }
                Some(parent) => deciders[parent],
            };
            deciders.push(decider);
        }
        deciders
    }

    /// The accounts to try the server with; `home` is the unit of the last two of them. The member is added to the members.
    pub fn cast(
        &mut self,
        app: &App,
        units: &[i64],
        operator: i64,
        ha_noi: usize,
        home: usize,
        members: &mut Vec<i64>,
    ) {
        let mut part = |sort: &Sort, id, unit: usize| {
            self.open(app, id, sort.name.to_owned(), sort.email.to_owned(), units[unit], true, sort.role)
        };
        part(&OPERATOR, operator, 0);
        part(&ANALYST, app.new_id(), 0);
        part(&ADMIN, app.new_id(), ha_noi);
        part(&REVIEWER, app.new_id(), home);
        members.push(part(&MEMBER, app.new_id(), home));
    }

    pub async fn write(&self, tx: &Tx) -> Result<()> {
        tx.insert::<account::Entity>(&self.accounts, Conflict::Fail).await?;
        tx.insert::<role_grant::Entity>(&self.grants, Conflict::Fail).await?;
        Ok(())
    }
}

/// Index of the provincial federation of Hà Nội.
pub(super) fn ha_noi(units: &[PlanUnit]) -> Result<usize> {
    let found = units.iter().position(|unit| unit.code == "P01");
    found.ok_or_else(|| Error::Internal("the demo's plan has no unit P01".to_owned()))
}

pub(super) async fn write(tx: &Tx, mut records: Records) -> Result<()> {
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

//! The demo at full scale: told piece by piece and stored as it comes, in several transactions. The operator's account is there
//! from the beginning under another address, and gets its own at the end: so a load that broke off is known.

use entity::enums::Role;
use entity::{account, initiative, initiative_author, initiative_event, participant, role_grant};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::cast::OPERATOR;
use super::load::{Ids, OPENING, People, ha_noi, operator_id, predecessor_loader, units, write};
use super::merger;
use super::plan::{PlanTarget, Scale, Story, predecessor, programme};
use super::programmes::{Campaign, Programme, found, targets};
use super::records::{Ascending, Records};
use super::reorganisation;
use super::standing::{Standing, busiest, waits};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ledger::{Gathering, lock_tree};
use crate::rollup;
use crate::store::{Conflict, Load};
use crate::watch::Watch;

/// The operator's address while the data are being loaded.
pub(super) const LOADING: &str = "loading@example.org";

/// What is filled in bulk.
const TABLES: [&str; 10] = [
    "account",
    "role_grant",
    "initiative",
    "initiative_text",
    "initiative_author",
    "initiative_event",
    "participant",
    "rollup_own",
    "rollup_person",
    "rollup_cell",
];
/// Initiatives, or people, that are stored at once.
const BATCH: usize = 5_000;

/// Stores the demo of the seed into an empty database: the way of the full one, which the small one can go too. `loader` is fresh from [`super::loader`].
pub async fn prepare_in_pieces(loader: &App, seed: u64, scale: Scale, watch: &dyn Watch) -> Result<()> {
    let operator = operator_id(seed, scale);
    mark(loader, operator).await?;
    watch.begin("planning", 0);
    let story = tokio::task::spawn_blocking(move || Story::new(seed, scale)).await.map_err(broken)?;
    let story = story.map_err(Error::Internal)?;

    watch.begin("the tree", 0);
    let announced = programme();
    let tx = loader.store.write().await?;
    lock_tree(&tx).await?;
    // Units have random ids and many indexes: less would be read and written again for each of them.
    tx.begin_bulk(256).await?;
    let units = units(loader, &tx, story.units()).await?;
    let main = found(loader, &tx, &Campaign::announced(&announced)).await?;
    let second = found(loader, &tx, &Standing::campaign(&announced)).await?;
    let app = predecessor_loader(loader, seed, scale);
    let programme = found(&app, &tx, &Campaign::announced(&predecessor())).await?;
    targets(&app, &tx, &units, &programme, &story.earlier_targets()).await?;
    let (main, early) = (Stage { app: loader.clone(), programme: main }, Stage { app, programme });
    tx.commit().await?;

    let mut load = loader.store.load(&TABLES).await?;
    let mut people = People::default();
    let deciders = people.deciders(loader, story.units(), &units, operator);
    let members = members(loader, &story, &units, people, &mut load, watch).await?;
    let ids = Ids { units, people: members, deciders };

    watch.begin("initiatives", (story.initiatives() + story.earlier_initiatives()) as u64);
    let (sender, receiver) = channel(2);
    let telling = tokio::task::spawn_blocking(move || tell(story, ids, main, &early, &sender));
    let stored = store(receiver, &mut load, watch).await;
    let told = telling.await.map_err(broken)?;
    stored?;
    let Told { mut ids, gathering, targets: set, standing, main } = told?;

    watch.begin("roll-ups", 0);
    let tx = loader.store.read().await?;
    let leaves = gathering.leaves(&tx).await?;
    drop(tx);
    load.begin().await?;
    gathering.write(&mut load, &leaves).await?;
    load.commit().await?;

    watch.begin("indexes", load.left() as u64);
    while load.left() > 0 {
        load.rebuild_next().await?;
        watch.advance(1);
    }
    load.finish().await?;

    let tx = loader.store.write().await?;
    lock_tree(&tx).await?;
    targets(loader, &tx, &ids.units, &main, &set).await?;
    let mut people = People::default();
    let ha_noi = standing.ha_noi;
    people.cast(loader, &ids.units, operator, ha_noi, standing.unit, &mut ids.people);
    finish(&tx, people, operator).await?;
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
    tx.commit().await?;
    // A server would keep it up behind its readers, and take longer.
    watch.begin("history", 0);
    if !rollup::keep_up(loader).await? {
        watch.begin("history: left to the server", 0);
    }
    Ok(())
}

/// The first thing that is stored.
async fn mark(app: &App, operator: i64) -> Result<()> {
    let tx = app.store.write().await?;
    let row = account::Model {
        id: operator,
        display_name: OPERATOR.name.to_owned(),
        email: Some(LOADING.to_owned()),
        phone: None,
        unit_id: None,
        consent: true,
        created_at: OPENING,
        erased_at: None,
    };
    tx.insert::<account::Entity>(&[row], Conflict::Fail).await?;
    tx.commit().await
}

/// The last: the operator is there already, the others are new.
async fn finish(tx: &crate::store::Tx, mut people: People, operator: i64) -> Result<()> {
    let place = people.accounts.iter().position(|row| row.id == operator);
    let place = place.ok_or_else(|| Error::Internal("the demo's cast has no operator".to_owned()))?;
    let row = people.accounts.swap_remove(place);
    if tx.update::<account::Entity>(&row, &[("email", LOADING.into())]).await? != 1 {
        return Err(Error::Internal("somebody else has changed the database meanwhile".to_owned()));
    }
    people.write(tx).await
}

/// Stores the members and the accounts that are there already; answers the members' ids.
async fn members(
    app: &App,
    story: &Story,
    units: &[i64],
    mut people: People,
    load: &mut Load,
    watch: &dyn Watch,
) -> Result<Vec<i64>> {
    watch.begin("members", story.people() as u64);
    let (mut ids, mut grants) = (Ascending::over(story.people()), Ascending::over(story.people()));
    let mut members = Vec::with_capacity(story.people() + 1);
    for index in 0..story.people() {
        let (person, id) = (story.person(index), ids.next(app));
        let grant = grants.next(app);
        members.push(people.open_with(
            grant,
            id,
            person.name,
            person.email,
            units[person.unit],
            person.consent,
            Role::Member,
        ));
        if people.accounts.len() >= BATCH || index + 1 == story.people() {
            load.begin().await?;
            load.insert::<account::Entity>(&people.accounts).await?;
            load.insert::<role_grant::Entity>(&people.grants).await?;
            load.commit().await?;
            watch.advance(people.accounts.len() as u64);
            people = People::default();
        }
    }
    Ok(members)
}

/// A programme, and where its ids come from.
struct Stage {
    app: App,
    programme: Programme,
}

/// What is left when all initiatives have been told.
struct Told {
    ids: Ids,
    gathering: Gathering,
    targets: Vec<PlanTarget>,
    standing: Standing,
    main: Programme,
}

/// Makes rows of the initiatives and hands them over: those of both programmes together, in the order of their ids, as the tables are
/// filled fastest.
fn tell(mut story: Story, ids: Ids, main: Stage, early: &Stage, to: &Sender<Records>) -> Result<Told> {
    let mut gathering = Gathering::default();
    let mut waiting = vec![0; story.units().len()];
    let mut records = Records::default();
    let mut main_ids = Ascending::over(story.initiatives());
    let mut early_ids = Ascending::over(story.earlier_initiatives());
    let mut next_early = |story: &mut Story| story.earlier().map(|told| (early_ids.next(&early.app), told));
    let mut next_main = |story: &mut Story| story.next().map(|told| (main_ids.next(&main.app), told));
    let (mut before, mut then) = (next_early(&mut story), next_main(&mut story));
    loop {
        let is_early = match (&before, &then) {
            (Some((one, _)), Some((other, _))) => one < other,
            (early, _) => early.is_some(),
        };
        let (stage, told) = match is_early {
            true => (early, before.take()),
            false => (&main, then.take()),
        };
        let Some((id, initiative)) = told else { break };
        waiting[initiative.unit] += usize::from(waits(&initiative));
        records.add(&stage.app, id, &ids, &stage.programme, &initiative)?;
        for delta in records.deltas.drain(..) {
            gathering.add(delta)?;
        }
        if records.initiatives.len() == BATCH {
            to.blocking_send(records.take()).map_err(broken)?;
        }
        match is_early {
            true => before = next_early(&mut story),
            false => then = next_main(&mut story),
        }
    }
    to.blocking_send(records).map_err(broken)?;
    let ha_noi = ha_noi(story.units())?;
    let home = busiest(story.units(), &waiting, ha_noi)?;
    let colleagues: Vec<usize> = (0..story.people()).filter(|person| story.home(*person) == home).collect();
    let standing = Standing::of(home, &colleagues, story.people(), ha_noi)?;
    let targets = story.targets().map_err(Error::Internal)?;
    Ok(Told { ids, gathering, targets, standing, main: main.programme })
}

/// Stores what is handed over, until nothing more comes.
async fn store(mut from: Receiver<Records>, load: &mut Load, watch: &dyn Watch) -> Result<()> {
    while let Some(mut records) = from.recv().await {
        records.authors.sort_unstable_by_key(|row| (row.initiative_id, row.account_id));
        records.participants.sort_unstable_by_key(|row| (row.initiative_id, row.account_id));
        load.begin().await?;
        load.insert::<initiative::Entity>(&records.initiatives).await?;
        load.titles(records.initiatives.iter().map(|row| (&*row.title_folded, &*row.title_lower, row.submitted_at)));
        load.insert::<initiative_author::Entity>(&records.authors).await?;
        load.insert::<initiative_event::Entity>(&records.events).await?;
        load.insert::<participant::Entity>(&records.participants).await?;
        load.commit().await?;
        watch.advance(records.initiatives.len() as u64);
    }
    Ok(())
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("loading the demo broke off: {error}"))
}

//! Reorganisations under load, and the server killed in the middle of them, or its connections ended: each plan is applied as a whole or
//! not at all, and everything that was acknowledged is there, once.

use banyan::config::Config;
use banyan::store::Store;
use entity::enums::Role;
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::Notify;

use super::acknowledged::{compare, seats};
use super::clients::Client;
use super::concurrent::UNITS;
use super::desk::{Asked, Desk};
use super::seeds::seeds;
use crate::crash::{Server, banyan, federation, own_database, token};
use crate::support::{Actor, Engine, ROOT, Setup, TestApp, both, run, wide};

const ROUNDS: usize = 3;

/// Everybody who writes, by their tokens.
struct People {
    members: Vec<Actor>,
    reviewer: Actor,
    admins: Vec<Actor>,
}

impl People {
    async fn of(app: &TestApp) -> People {
        let one = async |unit: &str, role: Role| app.bearer(&token(app, unit, role).await);
        let members = vec![one(ROOT, Role::Member).await, one("A1", Role::Member).await, one(ROOT, Role::Member).await];
        let admins = vec![one(ROOT, Role::Admin).await, one(ROOT, Role::Admin).await, one(ROOT, Role::Admin).await];
        People { members, reviewer: one(ROOT, Role::Reviewer).await, admins }
    }

    fn at(&self, url: &str) -> People {
        let all = |actors: &[Actor]| actors.iter().map(|actor| actor.at(url)).collect();
        People { members: all(&self.members), reviewer: self.reviewer.at(url), admins: all(&self.admins) }
    }

    /// Everybody writes until the server is gone, or so often; answers what was under way.
    async fn write(&self, desk: &Desk, seed: u64, times: usize) -> Vec<Asked> {
        let client = |n: u64, actor: &Actor| Client {
            desk,
            actor: actor.clone(),
            dice: StdRng::seed_from_u64(seed * 1_000 + n),
        };
        let members = join_all(
            (0..)
                .zip(&self.members)
                .map(async |(n, actor)| client(n, actor).member(usize::try_from(n).unwrap(), times).await),
        );
        let admins = join_all(
            (10..)
                .zip(&self.admins)
                .map(async |(n, actor)| client(n, actor).admin(&format!("N{seed}-{n}-"), times).await),
        );
        let reviewer = async { client(20, &self.reviewer).reviewer(times).await };
        let planner = async { client(21, &self.admins[0]).planner(times).await };
        let (members, admins, reviewer, planner) = tokio::join!(members, admins, reviewer, planner);
        members.into_iter().chain(admins).chain([reviewer, planner]).filter_map(Result::err).collect()
    }
}

/// Units beside those of [`UNITS`], whose codes the small federation of a server by the real clock has.
fn units() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut units = vec![("A1", "GRASSROOTS_UNION", "P01"), ("A2", "MEMBER_GRASSROOTS_UNION", "A1")];
    units.extend(UNITS);
    units
}

fn desk() -> Desk {
    let mut codes: Vec<String> = ["P01", "P02", "G1", "G2", "G3"].map(str::to_owned).to_vec();
    codes.extend(units().iter().map(|unit| unit.0.to_owned()));
    Desk { programme: "LAU", codes: codes.into(), ..Desk::default() }
}

async fn planted(app: &TestApp) {
    federation(app).await;
    let units: Vec<_> = units().into_iter().filter(|unit| !["G1", "G2", "G3"].contains(&unit.0)).collect();
    app.plant(&units).await;
}

/// The database that a server wrote to, after its end.
async fn own(app: &TestApp, database: &str) -> Store {
    let config = Config { database_url: database.to_owned(), ..(*app.app.config).clone() };
    Store::open(&config, false).await.unwrap()
}

/// A plan that changed units says that it was applied, and one that was taken back says by which.
async fn whole(store: &Store) {
    let tx = store.read().await.unwrap();
    let halves = "SELECT r.id FROM reorganisation r WHERE (r.state NOT IN ('APPLIED', 'UNDONE') AND \
                  EXISTS (SELECT 1 FROM reorganisation_change c WHERE c.reorganisation_id = r.id)) \
                  OR (r.state = 'UNDONE') <> (r.undone_by_id IS NOT NULL)";
    assert_eq!(tx.ids(tx.sql(halves)).await.unwrap(), Vec::<i64>::new());
}

both!(with Setup::unfolded(); async fn a_plan_outlives_the_server_as_a_whole_or_not_at_all(app: &TestApp) {
    planted(app).await;
    let people = People::of(app).await;
    let (database, _folder) = own_database(app).await;
    let desk = desk();
    let mut pending = 0;
    for seed in seeds(1..2) {
        for round in 0..ROUNDS {
            let round = seed * 100 + round as u64;
            let mut server = Server::start(&database);
            let there = people.at(&server.url);
            let killed = async {
                desk.until(StdRng::seed_from_u64(round).random_range(20..60)).await;
                server.child.kill().unwrap();
                server.child.wait().unwrap();
            };
            let (under_way, ()) = tokio::join!(there.write(&desk, round, usize::MAX), killed);

            let server = Server::start(&database);
            for asked in under_way {
                pending += usize::from(asked.mutation.starts_with("reorganisation") || asked.mutation.starts_with("unit"));
                let actor = asked.actor.at(&server.url);
                assert!(desk.ask(Asked { actor, ..asked }).await.is_ok(), "the server went away");
            }
            drop(server);
            let store = own(app, &database).await;
            whole(&store).await;
            let seats = seats(&store).await;
            store.close().await;
            let checked = banyan(&database, &["check"]);
            let said = String::from_utf8_lossy(&checked.stdout);
            assert!(checked.status.success() && said.contains("everything stored is what the events say"), "{said}");
            let server = Server::start(&database);
            let there = people.at(&server.url);
            compare(&desk, &there.members, &there.admins[0], &seats).await;
        }
    }
    println!("{pending} changes of the tree were under way; {:?}", desk.counts.lock().unwrap());
    assert!(pending > 0);
});

#[test]
fn a_plan_outlives_its_connection_as_a_whole_or_not_at_all() {
    let setup = Setup { limits: wide(), ..Setup::default() };
    run(Engine::Postgres, setup, async |app: &TestApp| {
        planted(app).await;
        let people = People::of(app).await;
        let desk = desk();
        for seed in seeds(1..2) {
            let times = std::cell::Cell::new(0);
            let over = Notify::new();
            let ended = async {
                loop {
                    tokio::select! {
                        () = desk.until(12) => {}
                        () = over.notified() => break,
                    }
                    times.set(times.get() + 1);
                    // Whatever they do at this moment.
                    let tx = app.app.store.write().await.unwrap();
                    tx.run_plain(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                         WHERE datname = current_database() AND pid <> pg_backend_pid()",
                    )
                    .await
                    .unwrap();
                }
            };
            let written = async {
                let under_way = people.write(&desk, seed, 40).await;
                over.notify_one();
                under_way
            };
            let (under_way, ()) = tokio::join!(written, ended);
            assert_eq!(under_way.len(), 0, "a server went away");
            assert!(times.get() > 2, "their connections were ended {} times", times.get());
        }
        banyan::ledger::fold_all(&app.app).await.unwrap();
        whole(&app.app.store).await;
        assert_eq!(banyan::check::check(&app.app, false, &()).await.unwrap().problems, []);
        compare(&desk, &people.members, &people.admins[0], &seats(&app.app.store).await).await;
        println!("{:?}", desk.counts.lock().unwrap());
    });
}

//! Everybody at once: members, reviewers and planners write to the units that several admins merge, split, move, end and take back meanwhile.

use entity::enums::Role;
use futures_util::future::join_all;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::acknowledged::{compare, seats};
use super::clients::Client;
use super::desk::Desk;
use super::seeds::seeds;
use crate::support::{Actor, Engine, ROOT, Setup, TestApp, run, wide};

#[test]
fn sqlite() {
    everybody(Engine::Sqlite, true);
}

#[test]
fn postgres_as_two_servers() {
    everybody(Engine::Postgres, true);
}

#[test]
fn postgres_as_two_servers_unfolded() {
    everybody(Engine::Postgres, false);
}

/// Provinces, districts and unions, as a plan may change them.
pub const UNITS: [(&str, &str, &str); 13] = [
    ("P1", "PROVINCIAL_FEDERATION", ROOT),
    ("P2", "PROVINCIAL_FEDERATION", ROOT),
    ("P3", "PROVINCIAL_FEDERATION", ROOT),
    ("D1", "DISTRICT_FEDERATION", "P1"),
    ("D2", "DISTRICT_FEDERATION", "P2"),
    ("G1", "GRASSROOTS_UNION", "P1"),
    ("G2", "GRASSROOTS_UNION", "P2"),
    ("G3", "GRASSROOTS_UNION", "D1"),
    ("G4", "GRASSROOTS_UNION", "D2"),
    ("G5", "GRASSROOTS_UNION", "P3"),
    ("M1", "MEMBER_GRASSROOTS_UNION", "G1"),
    ("M2", "MEMBER_GRASSROOTS_UNION", "G3"),
    ("M3", "MEMBER_GRASSROOTS_UNION", "G5"),
];

fn everybody(engine: Engine, folder: bool) {
    for seed in seeds(1..2) {
        println!("BANYAN_REORGANISATION_SEEDS={seed}..{}", seed + 1);
        let setup = Setup { folder, seed, limits: wide(), ..Setup::default() };
        run(engine, setup, async |app: &TestApp| {
            app.plant(&UNITS).await;
            app.programme().await;
            let desk =
                Desk { programme: "SK", codes: UNITS.map(|unit| unit.0.to_owned()).to_vec().into(), ..Desk::default() };
            // SQLite has one server; on PostgreSQL every second person speaks to another one.
            let second = match engine {
                Engine::Sqlite => None,
                Engine::Postgres => Some(app.second_server().await),
            };
            let at = |n: usize, actor: Actor| match &second {
                Some((_, url)) if n % 2 == 1 => actor.at(url),
                _ => actor,
            };
            let client = |n: usize, actor: &Actor| {
                let dice = StdRng::seed_from_u64(seed * 100 + n as u64);
                Client { desk: &desk, actor: at(n, actor.clone()), dice }
            };
            let mut members = Vec::new();
            for unit in ["G5", "G1", "G3", "P2", "D2"] {
                members.push(app.person(unit, &[(ROOT, Role::Member), (unit, Role::Member)]).await);
            }
            let reviewers = [app.reviewer_of(ROOT).await, app.reviewer_of(ROOT).await];
            let grants = [(ROOT, Role::Admin), (ROOT, Role::Operator), (ROOT, Role::Analyst)];
            let admins =
                [app.person(ROOT, &grants).await, app.person(ROOT, &grants).await, app.person(ROOT, &grants).await];
            let writing =
                join_all(members.iter().enumerate().map(async |(n, actor)| client(n, actor).member(n, 30).await));
            let deciding = join_all((10..).zip(&reviewers).map(async |(n, actor)| client(n, actor).reviewer(60).await));
            let planning = async { client(20, &admins[0]).planner(25).await };
            let changing = join_all((30..).zip(&admins).map(async |(n, actor)| {
                let done = client(n, actor).admin(&format!("N{n}-"), 14).await;
                app.pass(1);
                done
            }));
            let (a, b, c, d) = tokio::join!(writing, deciding, planning, changing);
            let ended = a.into_iter().chain(b).chain(d).chain([c]).filter_map(Result::err).next();
            assert!(ended.is_none(), "a server went away");
            // They may have been through before anybody had sent anything in.
            assert!(client(12, &reviewers[0]).reviewer(20).await.is_ok(), "a server went away");

            banyan::ledger::fold_all(&app.app).await.unwrap();
            assert_eq!(banyan::check::check(&app.app, false, &()).await.unwrap().problems, []);
            compare(&desk, &members, &admins[0], &seats(&app.app.store).await).await;
            println!("{:?}", desk.counts.lock().unwrap());
            for mutation in
                ["initiativeSubmit", "initiativeApprove", "unitMerge", "reorganisationApply", "reorganisationUndo"]
            {
                assert!(desk.done(mutation) > 0, "{mutation} was never done");
            }
        });
    }
}

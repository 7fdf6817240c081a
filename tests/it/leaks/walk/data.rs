//! Everything that the database holds once the federation stands, by id. What of it shows is the model's to say.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::{
    account, audit_entry, cluster, initiative, initiative_author, initiative_event, invitation, programme, role_grant,
    session, target, token, unit,
};
use sea_orm::FromQueryResult;
use serde_json::{Map, Value};

use super::super::model::{Cluster, Nth, World};
use super::things::Thing;
use crate::support::TestApp;

pub struct Data {
    pub world: World,
    pub units: HashMap<i64, unit::Model>,
    pub accounts: HashMap<i64, account::Model>,
    pub invitations: HashMap<i64, invitation::Model>,
    pub grants: HashMap<i64, role_grant::Model>,
    pub programmes: HashMap<i64, programme::Model>,
    pub initiatives: HashMap<i64, initiative::Model>,
    pub authors: HashMap<i64, Vec<initiative_author::Model>>,
    pub events: HashMap<i64, Vec<initiative_event::Model>>,
    pub targets: HashMap<i64, target::Model>,
    pub clusters: HashMap<i64, cluster::Model>,
    pub tokens: HashMap<i64, token::Model>,
    pub sessions: HashMap<i64, session::Model>,
    pub lines: HashMap<i64, audit_entry::Model>,
    /// Places in the world's lists, by node id.
    places: HashMap<String, Nth>,
    by_id: HashMap<String, Thing>,
}

async fn all<T: FromQueryResult>(app: &TestApp, table: &str) -> Vec<T> {
    let tx = app.app.store.read().await.unwrap();
    tx.all(tx.sql(format!("SELECT * FROM {table}"))).await.unwrap()
}

/// A node id. Clients know nothing of what is inside.
pub fn gid(tag: char, id: i64) -> String {
    let bytes: Vec<u8> = std::iter::once(tag as u8).chain(id.to_be_bytes()).collect();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub fn raw(gid: &str) -> i64 {
    i64::from_be_bytes(BASE64_URL_SAFE_NO_PAD.decode(gid).unwrap()[1..9].try_into().unwrap())
}

/// A slice as a roll-up's id keeps it.
pub fn slice_text(slice: Option<&Value>, structure: Option<&str>) -> String {
    let mut text = Map::new();
    for name in ["phase", "group", "bloc", "kind"] {
        if let Some(values) = slice.and_then(|slice| slice.get(name)) {
            text.insert(name.to_owned(), values.clone());
        }
    }
    let mut parts: Vec<String> = ["phase", "group", "bloc", "kind"]
        .iter()
        .filter_map(|name| Some(format!("\"{name}\":{}", text.get(*name)?)))
        .collect();
    if structure == Some("AS_REPORTED") {
        parts.push("\"reported\":true".to_owned());
    }
    format!("{{{}}}", parts.join(","))
}

macro_rules! by_id {
    ($rows:expr) => {
        $rows.into_iter().map(|row| (row.id, row)).collect()
    };
}

impl Data {
    pub async fn read(app: &TestApp, world: World) -> Data {
        let mut authors: HashMap<i64, Vec<initiative_author::Model>> = HashMap::new();
        for row in all::<initiative_author::Model>(app, "initiative_author ORDER BY position").await {
            authors.entry(row.initiative_id).or_default().push(row);
        }
        let mut events: HashMap<i64, Vec<initiative_event::Model>> = HashMap::new();
        for row in all::<initiative_event::Model>(app, "initiative_event ORDER BY seq").await {
            events.entry(row.initiative_id).or_default().push(row);
        }
        let mut places = HashMap::new();
        let ids = |places: &mut HashMap<String, Nth>, ids: Vec<&String>| {
            places.extend(ids.into_iter().enumerate().map(|(n, id)| (id.clone(), n)));
        };
        ids(&mut places, world.units.iter().map(|one| &one.id).collect());
        ids(&mut places, world.people.iter().map(|one| &one.id).collect());
        ids(&mut places, world.programmes.iter().map(|one| &one.id).collect());
        ids(&mut places, world.initiatives.iter().map(|one| &one.id).collect());
        let mut data = Data {
            by_id: HashMap::new(),
            places,
            units: by_id!(all::<unit::Model>(app, "unit").await),
            accounts: by_id!(all::<account::Model>(app, "account").await),
            invitations: all::<invitation::Model>(app, "invitation")
                .await
                .into_iter()
                .map(|i| (i.account_id, i))
                .collect(),
            grants: by_id!(all::<role_grant::Model>(app, "role_grant").await),
            programmes: by_id!(all::<programme::Model>(app, "programme").await),
            initiatives: by_id!(all::<initiative::Model>(app, "initiative").await),
            authors,
            events,
            targets: by_id!(all::<target::Model>(app, "target").await),
            clusters: by_id!(all::<cluster::Model>(app, "cluster").await),
            tokens: by_id!(all::<token::Model>(app, "token WHERE kind = 'API'").await),
            sessions: by_id!(all::<session::Model>(app, "session").await),
            lines: by_id!(all::<audit_entry::Model>(app, "audit_entry").await),
            world,
        };
        // The model knows of everything that there is.
        let world = &data.world;
        assert_eq!(data.units.len(), world.units.len());
        assert_eq!(data.accounts.len(), world.people.len());
        assert_eq!(data.initiatives.len(), world.initiatives.len());
        assert_eq!(data.targets.len(), world.targets.len());
        assert_eq!(data.clusters.len(), world.clusters.len());
        assert_eq!(data.grants.len(), world.people.iter().map(|person| person.grants.len()).sum::<usize>());
        data.by_id = data.things().into_iter().filter_map(|thing| Some((thing.id()?, thing))).collect();
        data
    }

    pub fn unit(&self, id: i64) -> Nth {
        self.places[&gid('u', id)]
    }

    pub fn person(&self, id: i64) -> Nth {
        self.places[&gid('a', id)]
    }

    pub fn programme(&self, id: i64) -> Nth {
        self.places[&gid('p', id)]
    }

    pub fn initiative(&self, id: i64) -> Nth {
        self.places[&gid('i', id)]
    }

    /// A cluster of the world by the id of its row.
    pub fn cluster(&self, id: i64) -> &Cluster {
        let gid = gid('c', id);
        self.world.clusters.iter().find(|cluster| cluster.id == gid).unwrap()
    }

    pub fn unit_of_code(&self, code: &str) -> Option<(i64, Nth)> {
        let row = self.units.values().find(|unit| unit.code == code)?;
        Some((row.id, self.unit(row.id)))
    }

    pub fn programme_of_code(&self, code: &str) -> Option<(i64, Nth)> {
        let row = self.programmes.values().find(|programme| programme.code == code)?;
        Some((row.id, self.programme(row.id)))
    }

    /// What an id names, of what there is; every slice of every roll-up is.
    pub fn thing_of(&self, id: &str) -> Option<Thing> {
        if let Some(thing) = self.by_id.get(id) {
            return Some(thing.clone());
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(id).ok()?;
        let (key, slice) = bytes.strip_prefix(b"r")?.split_at_checked(16)?;
        let number = |at: usize| i64::from_be_bytes(key[at..at + 8].try_into().unwrap());
        let known = self.units.contains_key(&number(0)) && self.programmes.contains_key(&number(8));
        known.then(|| Thing::Rollup(number(0), number(8), String::from_utf8(slice.to_vec()).unwrap()))
    }

    /// Every object that has an id of its own, and sessions, which no id leads to.
    pub fn things(&self) -> Vec<Thing> {
        let mut all = Vec::new();
        all.extend(self.units.keys().map(|id| Thing::Unit(*id)));
        all.extend(self.accounts.keys().map(|id| Thing::Account(*id)));
        all.extend(self.grants.keys().map(|id| Thing::Grant(*id)));
        all.extend(self.programmes.keys().map(|id| Thing::Programme(*id)));
        all.extend(self.initiatives.keys().map(|id| Thing::Initiative(*id)));
        all.extend(self.events.values().flatten().map(|row| Thing::Event(row.initiative_id, row.seq)));
        all.extend(self.targets.keys().map(|id| Thing::Target(*id)));
        all.extend(self.clusters.keys().map(|id| Thing::Cluster(*id)));
        all.extend(self.tokens.keys().map(|id| Thing::Token(*id)));
        all.extend(self.sessions.keys().map(|id| Thing::Session(*id)));
        all.extend(self.lines.keys().map(|id| Thing::Line(*id)));
        all.sort();
        all
    }
}

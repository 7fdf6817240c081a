//! Past instants and other trees, each as a model of its own: the model as it was then, with the tree that is asked for.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;

use super::compare;
use super::model::Model;
use super::run::History;

/// The model as it stood at an instant that the server answered with.
pub struct Past {
    pub at: String,
    pub model: Model,
}

/// Days of the rounds: some in one week, some in one month.
pub const DAYS: [&str; 8] =
    ["2026-03-02", "2026-03-03", "2026-03-08", "2026-03-09", "2026-04-02", "2026-04-02", "2026-04-05", "2026-05-01"];

enum Tree<'a> {
    Current,
    Reported,
    At(&'a Past),
}

impl History {
    /// Others belong to the cluster K from now on.
    async fn recluster(&mut self) {
        // Drawn apart, so that histories are the same with clusters and without.
        let mut dice = StdRng::seed_from_u64(self.done as u64);
        let members: BTreeSet<usize> = (0..6).map(|_| dice.random_range(1..self.model.units.len())).collect();
        let codes: Vec<&String> = members.iter().map(|unit| &self.model.units[*unit].code).collect();
        let version = (self.cluster_version > 0).then_some(self.cluster_version);
        let input = json!({ "unit": "TLD", "code": "K", "version": version, "name": "Cụm", "members": codes });
        let reply = self.actors[0].mutate("clusterSet", input, "cluster { version }").await.done();
        self.cluster_version = reply.int("/clusterSet/cluster/version");
        self.model.cluster = members.into_iter().collect();
    }

    /// Keeps the present as a past, with a cluster of its own.
    pub async fn remember(&mut self) {
        self.recluster().await;
        let document = "{ unit(code: \"TLD\") { rollup(programme: \"SK\") { asOf isFinal } } }";
        let reply = self.actors[0].query(document, json!({})).await.ok();
        assert_eq!(reply.at("/unit/rollup/isFinal"), false);
        let at = reply.text("/unit/rollup/asOf").to_owned();
        self.pasts.push(Past { at, model: self.model.clone() });
    }

    /// Asks of some pasts, and of the present, through every kind of tree.
    pub async fn look_back(&mut self) -> Vec<String> {
        let mut differences = Vec::new();
        let pasts = std::mem::take(&mut self.pasts);
        let reader = &self.actors[0];
        let mut instants: Vec<Option<&Past>> = vec![None];
        instants.extend((0..2).map(|_| Some(&pasts[self.dice.index(pasts.len())])));
        for instant in instants {
            let as_of = instant.map(|past| format!(", asOf: \"{}\"", past.at)).unwrap_or_default();
            let tree = &pasts[self.dice.index(pasts.len())];
            for (lens, structure) in [
                (Tree::Current, String::new()),
                (Tree::Reported, ", structure: AS_REPORTED".to_owned()),
                (Tree::At(tree), format!(", structure: AT, structureAt: \"{}\"", tree.at)),
            ] {
                let model = self.model.seen(instant, &lens);
                let units = (0..model.alive).collect();
                let view = format!("{as_of}{structure}");
                differences.extend(compare::through(&model, &view, reader, &mut self.dice, units).await);
            }
        }
        let (now, then) = (&pasts[self.dice.index(pasts.len())], &pasts[self.dice.index(pasts.len())]);
        let arguments = format!("asOf: \"{}\", comparedTo: \"{}\"", now.at, then.at);
        let now = Model { alive: self.model.units.len(), ..self.model.seen(Some(now), &Tree::Current) };
        let alive = then.model.units.len();
        let then = Model { alive, ..self.model.seen(Some(then), &Tree::Current) };
        differences.extend(compare::ranks(&now, &then, &arguments, reader, &mut self.dice).await);
        self.pasts = pasts;
        differences
    }
}

impl Model {
    /// The events of an instant, credited by a tree.
    fn seen(&self, instant: Option<&Past>, tree: &Tree) -> Model {
        let mut seen = instant.map_or_else(|| self.clone(), |past| past.model.clone());
        let existed = match tree {
            Tree::Current => self.units.clone(),
            // As recorded by the instant.
            Tree::Reported => seen.units.clone(),
            Tree::At(past) => past.model.units.clone(),
        };
        seen.alive = existed.len();
        seen.reported = matches!(tree, Tree::Reported);
        // What did not exist yet stands nowhere, and its records are the root's.
        let later = self.units[existed.len()..].iter().cloned();
        seen.units = existed.into_iter().chain(later.map(|unit| super::model::Unit { parent: None, ..unit })).collect();
        if let Tree::At(_) = tree {
            let alive = seen.alive;
            for initiative in seen.initiatives.iter_mut().filter(|i| i.unit >= alive) {
                initiative.unit = 0;
            }
        }
        seen
    }
}

//! `Cluster`.

use super::super::super::model;
use super::super::data::raw;
use super::super::things::{Answer, Ask, Thing};
use super::{Table, is};

pub const RULES: Table = &[
    ("Cluster.id", super::id),
    ("Cluster.code", |a| is(&row(a).code)),
    ("Cluster.name", |a| is(&row(a).name)),
    ("Cluster.version", |a| is(row(a).version)),
    ("Cluster.owner", |a| Answer::One(Some(Thing::Unit(row(a).owner_id)))),
    ("Cluster.members", |a| {
        let members = a.data.cluster(row(a).id).members.iter().map(|n| raw(&a.world().units[*n].id));
        Answer::Many(members.filter(|id| a.exists(*id)).map(Thing::Unit).collect())
    }),
];

/// Those of all clusters that are wanted.
pub fn some(a: &Ask, wanted: impl Fn(&model::Cluster) -> bool) -> Answer {
    let clusters = a.world().clusters.iter().filter(|cluster| wanted(cluster));
    Answer::Page(clusters.map(|cluster| Thing::Cluster(raw(&cluster.id))).collect())
}

fn row<'a>(a: &Ask<'a>) -> &'a entity::cluster::Model {
    let Thing::Cluster(id) = a.thing else { unreachable!("a rule is looked up by the type of its thing") };
    &a.data.clusters[id]
}

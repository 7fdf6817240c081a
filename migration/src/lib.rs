//! The database schema, one file per migration; a migration that has been released is frozen.

pub use sea_orm_migration::prelude::{MigratorTrait, SchemaManager};
use sea_orm_migration::{MigrationTrait, async_trait};

mod dialect;
mod m20261120_000001_tree;
mod m20261120_000002_programme;
mod m20261120_000003_account;
mod m20261120_000004_initiative;
mod m20261120_000005_rollup;
mod m20261121_000006_identity;
mod m20261121_000007_people;
mod m20261121_000008_audit;
mod m20261121_000009_time;
mod m20261121_000010_clusters;
mod m20261121_000012_history;
mod m20261121_000013_lists;
mod m20261121_000014_slices;
mod m20261121_000015_reorganisation;
mod m20261122_000016_bundles;
mod m20261122_000017_spans;
mod m20261122_000018_days;
mod m20261129_000019_search;
mod m20261130_000020_generation;
mod m20261130_000021_titles;
mod m20261130_000022_below;
mod m20261130_000023_covered;
mod m20261130_000024_steps;
mod m20261130_000025_homes;

pub use dialect::statements;

/// A migration together with the statements that it runs, so that a dry run can print them.
pub struct Step {
    /// The name under which the database remembers it.
    pub name: &'static str,
    /// The common template of its statements (see [`statements`]).
    pub template: &'static str,
}

/// Every migration, oldest first.
pub const STEPS: [Step; 24] = [
    Step { name: "m20261120_000001_tree", template: m20261120_000001_tree::UP },
    Step { name: "m20261120_000002_programme", template: m20261120_000002_programme::UP },
    Step { name: "m20261120_000003_account", template: m20261120_000003_account::UP },
    Step { name: "m20261120_000004_initiative", template: m20261120_000004_initiative::UP },
    Step { name: "m20261120_000005_rollup", template: m20261120_000005_rollup::UP },
    Step { name: "m20261121_000006_identity", template: m20261121_000006_identity::UP },
    Step { name: "m20261121_000007_people", template: m20261121_000007_people::UP },
    Step { name: "m20261121_000008_audit", template: m20261121_000008_audit::UP },
    Step { name: "m20261121_000009_time", template: m20261121_000009_time::UP },
    Step { name: "m20261121_000010_clusters", template: m20261121_000010_clusters::UP },
    Step { name: "m20261121_000012_history", template: m20261121_000012_history::UP },
    Step { name: "m20261121_000013_lists", template: m20261121_000013_lists::UP },
    Step { name: "m20261121_000014_slices", template: m20261121_000014_slices::UP },
    Step { name: "m20261121_000015_reorganisation", template: m20261121_000015_reorganisation::UP },
    Step { name: "m20261122_000016_bundles", template: m20261122_000016_bundles::UP },
    Step { name: "m20261122_000017_spans", template: m20261122_000017_spans::UP },
    Step { name: "m20261122_000018_days", template: m20261122_000018_days::UP },
    Step { name: "m20261129_000019_search", template: m20261129_000019_search::UP },
    Step { name: "m20261130_000020_generation", template: m20261130_000020_generation::UP },
    Step { name: "m20261130_000021_titles", template: m20261130_000021_titles::UP },
    Step { name: "m20261130_000022_below", template: m20261130_000022_below::UP },
    Step { name: "m20261130_000023_covered", template: m20261130_000023_covered::UP },
    Step { name: "m20261130_000024_steps", template: m20261130_000024_steps::UP },
    Step { name: "m20261130_000025_homes", template: m20261130_000025_homes::UP },
];

/// Applies the steps in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS.iter().map(|step| Box::new(dialect::SqlMigration(step)) as Box<dyn MigrationTrait>).collect()
    }
}

//! What an operator may set, by flag or environment.

mod audit;
mod history;
mod identity;
mod limits;
mod streams;
mod telemetry;

use chrono_tz::Tz;
use clap::Args;

pub use audit::AuditSettings;
pub use history::History;
pub use identity::{Identity, Oidc};
pub use limits::Limits;
pub use streams::Streams;
pub use telemetry::Telemetry;

/// Settings that every command shares.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// The database: sqlite://FILE, or postgres://USER@HOST/NAME
    #[arg(
        long,
        global = true,
        env = "BANYAN_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://banyan.db"
    )]
    pub database_url: String,

    /// Time zone of local days (entry periods, days of events)
    #[arg(long, global = true, env = "BANYAN_TIME_ZONE", default_value = "Asia/Ho_Chi_Minh")]
    pub time_zone: Tz,

    /// The highest benefit of one initiative, in VND
    #[arg(long, global = true, env = "BANYAN_BENEFIT_CEILING", default_value_t = 10_000_000_000_000,
          value_parser = clap::value_parser!(i64).range(1..=1_000_000_000_000_000))]
    pub benefit_ceiling: i64,

    /// Database connections for reading, and on PostgreSQL as many for writing [default: 16; on SQLite twice the processors, and 4 at least]
    #[arg(long, global = true, env = "BANYAN_CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..=500))]
    pub connections: Option<u32>,

    /// Memory for answers that are given again while nothing in the database has changed, in MB; with 0, only who asks the same at the same time shares one
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_ANSWERS_MB", default_value_t = 32, value_name = "MB",
          value_parser = clap::value_parser!(u32).range(0..=65_536))]
    pub answers_mb: u32,

    /// Memory for what queries read of the tree, programmes, targets and rights beside figures, in MB: of use until one of these changes; 0
    /// keeps none
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_FRAMES_MB", default_value_t = 8, value_name = "MB",
          value_parser = clap::value_parser!(u32).range(..=65_536))]
    pub frames_mb: u32,

    /// Whether a reorganisation needs two people: one who proposes and another who confirms
    #[arg(long, global = true, env = "BANYAN_REORGANISATION_BY_TWO")]
    pub reorganisation_by_two: bool,

    #[command(flatten)]
    pub history: History,

    #[command(flatten)]
    pub identity: Identity,

    #[command(flatten)]
    pub limits: Limits,

    #[command(flatten)]
    pub audit: AuditSettings,

    #[command(flatten)]
    pub streams: Streams,

    #[command(flatten)]
    pub telemetry: Telemetry,
}

impl Config {
    /// Database connections for reading, and on PostgreSQL as many for writing.
    pub fn connections(&self) -> u32 {
        self.connections.unwrap_or_else(|| {
            if !self.database_url.starts_with("sqlite:") {
                return 16;
            }
            // Each reads by a thread of its own: more than there are processors take memory and turns from each other.
            let processors = std::thread::available_parallelism().map_or(2, usize::from);
            u32::try_from(processors).unwrap_or(u32::MAX / 2).saturating_mul(2).clamp(4, 500)
        })
    }
}

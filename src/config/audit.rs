//! The audit log: how long its lines are kept, and where the heads of its chain go.

use std::path::PathBuf;

use clap::Args;

/// Everything off unless it is set. docs/audit.md tells what for.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Audit")]
pub struct AuditSettings {
    /// Take lines of the audit log away after so many days; left out, they are kept for ever
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_AUDIT_RETENTION_DAYS", value_name = "DAYS",
          value_parser = clap::value_parser!(i64).range(1..=36_500))]
    pub audit_retention_days: Option<i64>,

    /// Append every new head of the audit log's chain to this file
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_AUDIT_HEAD_FILE", value_name = "FILE")]
    pub audit_head_file: Option<PathBuf>,

    /// Run this program for every new head of the audit log's chain, with the head as JSON on its stdin
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_AUDIT_HEAD_COMMAND", value_name = "PROGRAM")]
    pub audit_head_command: Option<PathBuf>,
}

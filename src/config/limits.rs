//! How much one request, and one caller, may ask for. What each limit counts is told in docs/limits.md.

use clap::Args;

/// Each has a default that no screen comes near.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Bytes of a document
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_DOCUMENT_BYTES", default_value_t = 65_536, value_name = "BYTES",
          value_parser = clap::value_parser!(u64).range(1_000..=1_000_000))]
    pub max_document_bytes: u64,

    /// Tokens of a document: names, values, punctuation, comments
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_TOKENS", default_value_t = 1_500, value_name = "N",
          value_parser = clap::value_parser!(u64).range(100..=100_000))]
    pub max_tokens: u64,

    /// How deep the fields of an operation nest
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_DEPTH", default_value_t = 20, value_name = "N",
          value_parser = clap::value_parser!(u64).range(3..=50))]
    pub max_depth: u64,

    /// Fields of an operation, those of a fragment counted as often as it is spread
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_FIELDS", default_value_t = 5_000, value_name = "N",
          value_parser = clap::value_parser!(u64).range(10..=100_000))]
    pub max_fields: u64,

    /// Fields of an operation's top level
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_ROOT_FIELDS", default_value_t = 50, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub max_root_fields: u64,

    /// Aliases of an operation
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_ALIASES", default_value_t = 100, value_name = "N",
          value_parser = clap::value_parser!(u64).range(0..=10_000))]
    pub max_aliases: u64,

    /// Directives of a document
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_DIRECTIVES", default_value_t = 100, value_name = "N",
          value_parser = clap::value_parser!(u64).range(0..=10_000))]
    pub max_directives: u64,

    /// Values in a request's variables, those inside lists and objects counted
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_VARIABLE_VALUES", default_value_t = 5_000, value_name = "N",
          value_parser = clap::value_parser!(u64).range(10..=100_000))]
    pub max_variable_values: u64,

    /// Items of a list in a request's variables
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_LIST_LENGTH", default_value_t = 1_000, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub max_list_length: u64,

    /// Bytes of the texts in a request's variables
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_VARIABLE_BYTES", default_value_t = 524_288, value_name = "BYTES",
          value_parser = clap::value_parser!(u64).range(1_000..=1_000_000))]
    pub max_variable_bytes: u64,

    /// Requests in one body; 1 serves no batches
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_BATCH", default_value_t = 1, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=100))]
    pub max_batch: u64,

    /// Cost of an operation
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_COST", default_value_t = 500_000, value_name = "COST",
          value_parser = clap::value_parser!(u64).range(100..=4_000_000_000))]
    pub max_cost: u64,

    /// Cost that a caller may spend at once: an account, or an address where nobody is signed in
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_BUDGET", default_value_t = 50_000_000, value_name = "COST",
          value_parser = clap::value_parser!(u32).range(100..=1_000_000_000))]
    pub budget: u32,

    /// Cost that comes back to a caller each second
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_BUDGET_PER_SECOND", default_value_t = 5_000_000, value_name = "COST",
          value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub budget_per_second: u32,

    /// The same for an address where nobody is signed in
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_ANONYMOUS_BUDGET", default_value_t = 50_000_000, value_name = "COST",
          value_parser = clap::value_parser!(u32).range(100..=1_000_000_000))]
    pub anonymous_budget: u32,

    /// Cost that comes back each second to an address where nobody is signed in
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_ANONYMOUS_BUDGET_PER_SECOND", default_value_t = 5_000_000, value_name = "COST",
          value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub anonymous_budget_per_second: u32,

    /// Milliseconds that an operation may take
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_OPERATION_MS", default_value_t = 10_000, value_name = "MS",
          value_parser = clap::value_parser!(u64).range(50..=600_000))]
    pub operation_ms: u64,

    /// Operations that run at the same time
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_RUNNING", default_value_t = 256, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_running: u32,

    /// Operations of one caller that run at the same time
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_RUNNING_PER_CALLER", default_value_t = 64, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_running_per_caller: u32,

    /// Operations of one caller that wait for their turn; of all callers together, eight times as many
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_WAITING_PER_CALLER", default_value_t = 1_024, value_name = "N",
          value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub max_waiting_per_caller: u32,
}

/// The defaults of the command line.
impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_document_bytes: 65_536,
            max_tokens: 1_500,
            max_depth: 20,
            max_fields: 5_000,
            max_root_fields: 50,
            max_aliases: 100,
            max_directives: 100,
            max_variable_values: 5_000,
            max_list_length: 1_000,
            max_variable_bytes: 524_288,
            max_batch: 1,
            max_cost: 500_000,
            budget: 50_000_000,
            budget_per_second: 5_000_000,
            anonymous_budget: 50_000_000,
            anonymous_budget_per_second: 5_000_000,
            operation_ms: 10_000,
            max_running: 256,
            max_running_per_caller: 64,
            max_waiting_per_caller: 1_024,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        limits: Limits,
    }

    #[test]
    fn the_defaults_are_those_of_the_command_line() {
        assert_eq!(format!("{:?}", Line::parse_from(["x"]).limits), format!("{:?}", Limits::default()));
    }
}

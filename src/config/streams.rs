//! How many subscriptions there may be, and how their connections are kept.

use clap::Args;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Subscriptions")]
pub struct Streams {
    /// Operations under way on one WebSocket connection
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_STREAMS_PER_CONNECTION", default_value_t = 100, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_streams_per_connection: u32,

    /// Connections and subscriptions of one caller on this server: an account, or an address where nobody signed in
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAX_STREAMS_PER_CALLER", default_value_t = 4_000, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_streams_per_caller: u32,

    /// Milliseconds in which a WebSocket client must send connection_init
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_SOCKET_INIT_MS", default_value_t = 5_000, value_name = "MS",
          value_parser = clap::value_parser!(u64).range(100..=60_000))]
    pub socket_init_ms: u64,

    /// Milliseconds between two signs of life of an idle connection; a WebSocket client that is silent for twice as long is left
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_KEEP_ALIVE_MS", default_value_t = 20_000, value_name = "MS",
          value_parser = clap::value_parser!(u64).range(100..=60_000))]
    pub keep_alive_ms: u64,
}

impl Default for Streams {
    fn default() -> Streams {
        Streams {
            max_streams_per_connection: 100,
            max_streams_per_caller: 4_000,
            socket_init_ms: 5_000,
            keep_alive_ms: 20_000,
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
        streams: Streams,
    }

    #[test]
    fn the_defaults_are_those_of_the_command_line() {
        assert_eq!(format!("{:?}", Line::parse_from(["x"]).streams), format!("{:?}", Streams::default()));
    }
}

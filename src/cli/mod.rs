//! The command line: parse, run, exit code. 0: done; 1: refused or failed; 2: wrong usage.

mod account;
mod audit;
mod check;
mod check_audit;
mod database;
mod demo;
mod failure;
mod import;
mod log;
mod migrate;
mod people;
mod print;
mod reorganise;
mod schema;
mod serve;
mod steps;
mod telemetry;
mod token;
mod tokens;
mod verify;
mod wire;

use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::runtime::Runtime;

use crate::config::Config;
use failure::Outcome;
use log::{Level, LogFormat};

const EXAMPLES: &str = "\
Examples:
  banyan demo                         A server with sample data and tokens to try it with
  banyan migrate up                   Make the database, or bring its schema up to date
  banyan import units data/units-2022.csv
  banyan account create --name 'Nguyễn A' --email a@example.org --unit TLD --role ADMIN
  banyan token create --account a@example.org
  banyan serve                        Answer at http://127.0.0.1:8080/graphql

`banyan help COMMAND` says more about a command.";

/// A GraphQL server for federations of trade unions that run innovation programmes
#[derive(Parser)]
#[command(name = "banyan", version, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    config: Config,

    /// How log lines look on stderr (which ones: RUST_LOG, such as RUST_LOG=debug)
    #[arg(long, global = true, env = "BANYAN_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    log_format: LogFormat,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server until Ctrl+C
    Serve(serve::Args),
    /// Run a server with sample data: a federation's tree, members, initiatives and targets
    Demo(demo::Args),
    /// Make the database, or bring its schema up to date
    #[command(subcommand)]
    Migrate(migrate::Command),
    /// Print the GraphQL schema (SDL)
    Schema,
    /// People and their roles
    #[command(subcommand)]
    Account(account::Command),
    /// Bearer tokens, with which a person signs in
    #[command(subcommand)]
    Token(token::Command),
    /// Load units, targets or initiatives from a CSV file
    #[command(subcommand)]
    Import(import::Command),
    /// Try, apply, undo or export a reorganisation: a plan that changes the tree as a whole
    Reorganise(reorganise::Args),
    /// Count everything anew from the events and compare it with what is stored
    Check(check::Args),
    /// The audit log: heads of its chain, sealing, retention
    #[command(subcommand)]
    Audit(audit::Command),
    /// Print the completions of a shell
    #[command(after_help = "Example: banyan completions bash > /etc/bash_completion.d/banyan")]
    Completions { shell: clap_complete::Shell },
}

/// The commands that run a server, whose settings all others take and do not tell of.
const SERVERS: [&str; 2] = ["serve", "demo"];

/// The command line, with a server's settings in the help of servers alone.
fn command() -> clap::Command {
    let of_servers = |arg: &Arg| arg.get_help_heading().is_some();
    let whole = Cli::command();
    let settings: Vec<Arg> = whole.get_arguments().filter(|arg| of_servers(arg)).cloned().collect();
    let hidden = whole.mut_args(|arg| if of_servers(&arg) { arg.hide(true) } else { arg });
    // What a command has itself is not handed down to it.
    SERVERS.iter().fold(hidden, |line, name| line.mut_subcommand(name, |server| server.args(settings.clone())))
}

/// Runs the command line to its end.
pub fn main() -> ExitCode {
    let matches = command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let level = match cli.command {
        Command::Serve(_) | Command::Demo(_) => Level::Running,
        _ => Level::Quiet,
    };
    if let Err(failure) = start(cli, level, &matches) {
        failure.print();
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn start(cli: Cli, level: Level, matches: &ArgMatches) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start the runtime: {error}"))?;
    let collector = cli.config.telemetry.otlp_endpoint.as_deref();
    let telemetry = runtime.block_on(async { log::start(cli.log_format, level, collector) })?;
    let done = run(&runtime, cli, matches);
    telemetry.end();
    done
}

fn run(runtime: &Runtime, cli: Cli, matches: &ArgMatches) -> Outcome {
    let config = cli.config;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(args) => serve::run(config, args).await,
            Command::Demo(args) => demo::run(config, args, database_url_was_given(matches)).await,
            Command::Migrate(command) => migrate::run(config, command).await,
            Command::Schema => print::text(&crate::graphql::sdl()),
            Command::Account(command) => account::run(config, command).await,
            Command::Token(command) => token::run(config, command).await,
            Command::Import(command) => import::run(config, command).await,
            Command::Reorganise(args) => reorganise::run(config, args).await,
            Command::Check(args) => check::run(config, args).await,
            Command::Audit(command) => audit::run(config, command).await,
            Command::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut command(), "banyan", &mut script);
                print::text(&String::from_utf8_lossy(&script))
            }
        }
    })
}

/// Whether the user named a database, by flag or environment.
fn database_url_was_given(matches: &ArgMatches) -> bool {
    matches.value_source("database_url").is_some_and(|source| source != ValueSource::DefaultValue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn settings_of_servers_stand_in_their_help_alone_and_are_taken_everywhere() {
        let help = |line: &[&str]| match command().try_get_matches_from([line, &["--help"]].concat()) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{line:?}"),
        };
        for settings in ["--password-memory", "--oidc-issuer", "--max-cost", "--keep-alive-ms", "--metrics-listen"] {
            for server in SERVERS {
                assert!(help(&["banyan", server]).contains(settings), "{server} {settings}");
            }
            for other in [&["banyan"][..], &["banyan", "token", "create"], &["banyan", "migrate", "up"]] {
                assert!(!help(other).contains(settings), "{other:?} {settings}");
            }
        }
        assert!(help(&["banyan", "token", "create"]).contains("--database-url"));
        for line in [
            &["banyan", "--max-cost", "1234", "serve"][..],
            &["banyan", "serve", "--max-cost", "1234"],
            &["banyan", "--max-cost", "1234", "token", "list"],
            &["banyan", "token", "list", "--max-cost", "1234"],
        ] {
            let cli = Cli::from_arg_matches(&command().try_get_matches_from(line).unwrap()).unwrap();
            assert_eq!(cli.config.limits.max_cost, 1234, "{line:?}");
        }
    }

    #[test]
    fn a_named_database_is_told_from_the_default_one() {
        let given = |line: &[&str]| {
            let matches = command().try_get_matches_from(line).unwrap();
            database_url_was_given(&matches)
        };
        assert!(given(&["banyan", "demo", "--database-url", "sqlite://x.db"]));
        assert!(given(&["banyan", "--database-url", "sqlite://x.db", "demo"]));
        if std::env::var_os("BANYAN_DATABASE_URL").is_none() {
            assert!(!given(&["banyan", "demo"]));
        }
    }
}

//! The order of the code: arrows between modules run down the map, and each library stays where it belongs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The map, from the outside in. A module knows what stands in its own line or below it.
const ORDER: &[&[&str]] = &[
    &["cli"],
    &["demo", "import"],
    &["http"],
    &["graphql"],
    &["check"],
    &["feed"],
    &["people"],
    &["reorganisation"],
    &["rollup"],
    &["initiative"],
    &["programme"],
    &["unit"],
    &["account"],
    &["command"],
    &["audit"],
    &["ledger"],
    &["access"],
    &["page"],
    &["store", "app", "error", "config", "clock", "text", "pace", "oidc", "meter", "spans", "watch"],
];

/// Where a library may be named, and no place else: a name, and the beginnings of paths.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("async_graphql", &["src/graphql/"]),
    ("poem", &["src/http/"]),
    // The command line says at once why PostgreSQL cannot be reached, where a pool would go on trying.
    ("sqlx", &["src/store/", "src/cli/database.rs"]),
    ("DatabaseConnection", &["src/store/"]),
    ("clap", &["src/cli/", "src/config.rs", "src/config/"]),
    ("migration", &["src/cli/"]),
    ("argon2::", &["src/account/password/"]),
    ("jsonwebtoken::", &["src/oidc/"]),
    ("reqwest::", &["src/oidc/", "src/cli/telemetry/"]),
    ("opentelemetry", &["src/spans.rs", "src/cli/telemetry/"]),
    ("prometheus_client", &["src/meter/"]),
];

/// Lines that a file may have before its tests.
const LONGEST: usize = 400;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with one of the endings, as path from the root and text.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                let skipped = matches!(name.as_str(), "target" | ".git" | "assets/graphiql");
                folders.extend((!skipped).then_some(path));
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty());
    found.sort();
    found
}

/// `src/unit/find.rs` is of `unit`; the crate's roots are of none.
fn module(path: &str) -> Option<&str> {
    let module = path.strip_prefix("src/")?.split('/').next()?.trim_end_matches(".rs");
    (!matches!(module, "lib" | "main")).then_some(module)
}

fn line(module: &str) -> usize {
    let found = ORDER.iter().position(|line| line.contains(&module));
    found.unwrap_or_else(|| {
        panic!("{module} stands nowhere on the map: add it to ORDER, src/lib.rs and ARCHITECTURE.md")
    })
}

/// The modules that a text names as `crate::module` or inside `crate::{…}`.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let (mut depth, mut begins) = (1, true);
        for (i, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' => begins = depth == 1,
                letter if letter.is_whitespace() => {}
                _ if begins => {
                    found.insert(word(&group[i..]));
                    begins = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found.remove("");
    found
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[test]
fn groups_of_imports_are_read() {
    let text =
        "use crate::{text, unit::{self, find}, store::Tx};\nuse crate::error::Error; crate::page::x() $crate::app";
    assert_eq!(named(text).into_iter().collect::<Vec<_>>(), ["app", "error", "page", "store", "text", "unit"]);
}

#[test]
fn arrows_run_down_the_map() {
    let mut wrong = Vec::new();
    for (path, text) in files("src", &[".rs"]) {
        let Some(module) = module(&path) else { continue };
        for other in named(&text) {
            if line(&other) < line(module) {
                wrong.push(format!("{path} names crate::{other}, which stands above {module}"));
            }
        }
        // `super` must not climb out of the module either.
        let depth = path.trim_end_matches("/mod.rs").matches('/').count();
        if text.contains(&"super::".repeat(depth)) && depth > 1 {
            wrong.push(format!("{path} climbs out of {module} by super"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_texts_tell_the_same_map() {
    let names: Vec<String> = ORDER.iter().map(|line| line.join(", ")).collect();
    let arrows = format!("`main → {} → entity`", names.join(" → "));
    let architecture = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let unwrapped = architecture.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unwrapped.contains(&arrows), "ARCHITECTURE.md does not say {arrows}");

    let library = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let told: Vec<usize> = library
        .lines()
        .filter_map(|line| line.strip_prefix("//! - "))
        .flat_map(|item| item.split("[`").skip(1).filter_map(|rest| rest.split_once("`]")).map(|(name, _)| line(name)))
        .collect();
    assert!(told.is_sorted(), "src/lib.rs tells the modules in another order");
    let all: BTreeSet<usize> = told.into_iter().collect();
    assert_eq!(all.len(), ORDER.len(), "src/lib.rs leaves a module out");
    for (path, _) in files("src", &[".rs"]) {
        let module = module(&path).unwrap_or("cli");
        assert!(library.contains(&format!("[`{module}`]")), "src/lib.rs does not tell of {module}");
    }
}

/// Whether a line names the library by a path, or its type.
fn uses(line: &str, name: &str) -> bool {
    let inside = |letter: Option<char>| letter.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    line.match_indices(name).any(|(at, _)| {
        let (before, after) = (line[..at].chars().next_back(), &line[at + name.len()..]);
        let a_type = name.starts_with(char::is_uppercase) && !inside(after.chars().next());
        !inside(before)
            && (a_type || after.starts_with("::") || (after.starts_with(';') && line.trim().starts_with("use ")))
    })
}

#[test]
fn each_library_stays_in_its_place() {
    let mut wrong = Vec::new();
    for (path, text) in files("src", &[".rs"]) {
        for (library, places) in LIBRARIES {
            let named =
                text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| uses(line, library));
            if named && !places.iter().any(|place| path.starts_with(place)) {
                wrong.push(format!("{path} names {library}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut wrong = Vec::new();
    for folder in ["src", "entity", "migration", "tests"] {
        for (path, text) in files(folder, &[".rs"]) {
            if !text.starts_with("//! ") {
                wrong.push(format!("{path} does not begin by saying what it is"));
            }
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            if code.lines().count() > LONGEST {
                wrong.push(format!("{path} is longer than {LONGEST} lines"));
            }
            // Lints are lifted where they are expected, with a reason, and reported when they no longer are.
            if text.contains(concat!("#[", "allow")) || text.contains(concat!("#![", "allow")) {
                wrong.push(format!("{path} allows a lint"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A checkout's own place is nobody else's business.
#[test]
fn nothing_names_the_folder_it_was_written_in() {
    let around = root().parent().unwrap().to_str().unwrap();
    let endings = [".rs", ".md", ".toml", ".graphql", ".csv", ".json", ".yml", ".txt", "/test"];
    for (path, text) in files(".", &endings) {
        if around.len() > 1 {
            assert!(!text.contains(&format!("{around}/")), "{path} names {around}");
        }
    }
}

#[test]
fn a_viewers_grants_are_read_through_one_door() {
    // Elsewhere the grants of others are read, under conditions of the viewer's own, or grants are written.
    const DOORS: &[&str] =
        &["src/access/held.rs", "src/account/", "src/people/", "src/demo/", "src/import/", "src/cli/"];
    for (path, text) in files("src", &[".rs"]) {
        let allowed = DOORS.iter().any(|door| path.starts_with(door));
        assert!(allowed || !text.contains("role_grant "), "{path} reads grants past src/access/held.rs");
    }
}

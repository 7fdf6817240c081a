//! The files in which trusted documents are written down: a directory of .graphql files, or a manifest as tools write it.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// One document, as it was found.
pub struct Entry {
    /// The file, and the place in it.
    pub place: String,
    /// Names beside the hash of the text.
    pub ids: Vec<String>,
    pub text: String,
}

/// Apollo's manifest.
#[derive(Deserialize)]
struct Apollo {
    id: String,
    body: String,
}

/// Every document of a directory or manifest, and what is wrong with it.
pub fn entries(path: &Path) -> (Vec<Entry>, Vec<String>) {
    if path.is_dir() { directory(path) } else { manifest(path) }
}

/// Files below the directory, by name; each is one document, named by its file and its hash.
fn directory(path: &Path) -> (Vec<Entry>, Vec<String>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let listed = std::fs::read_dir(&folder).and_then(|list| list.collect::<Result<Vec<_>, _>>());
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                faults.push(format!("{}: {error}", folder.display()));
                continue;
            }
        };
        for path in listed.into_iter().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "graphql" || ending == "gql") {
                let place = path.display().to_string();
                let name = path.file_stem().map(|name| name.to_string_lossy().into_owned());
                match std::fs::read_to_string(&path) {
                    Ok(text) => found.push(Entry { place, ids: name.into_iter().collect(), text }),
                    Err(error) => faults.push(format!("{place}: {error}")),
                }
            }
        }
    }
    found.sort_by(|one, other| one.place.cmp(&other.place));
    (found, faults)
}

fn manifest(path: &Path) -> (Vec<Entry>, Vec<String>) {
    let place = path.display().to_string();
    let read = std::fs::read(path).map_err(|error| error.to_string());
    let parsed = read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
    match parsed {
        Err(why) => (Vec::new(), vec![format!("{place}: {why}")]),
        Ok(Value::Object(mut members)) => match (members.remove("format"), members.remove("operations")) {
            (Some(Value::String(format)), Some(Value::Array(operations))) if format.starts_with("apollo") => {
                apollo(&place, operations)
            }
            (None, None) => texts(&place, members),
            _ => (Vec::new(), vec![format!("{place}: this is no manifest that Banyan knows")]),
        },
        Ok(_) => (Vec::new(), vec![format!("{place}: this is no manifest that Banyan knows")]),
    }
}

fn apollo(place: &str, operations: Vec<Value>) -> (Vec<Entry>, Vec<String>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (i, operation) in operations.into_iter().enumerate() {
        match serde_json::from_value::<Apollo>(operation) {
            Ok(Apollo { id, body }) => {
                found.push(Entry { place: format!("{place}, {id}"), ids: vec![id], text: body });
            }
            Err(error) => faults.push(format!("{place}, operation {i}: {error}")),
        }
    }
    (found, faults)
}

/// An object of texts by hash: Relay's compiler and graphql-codegen's client preset write it.
fn texts(place: &str, members: serde_json::Map<String, Value>) -> (Vec<Entry>, Vec<String>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (id, text) in members {
        match text {
            Value::String(text) => found.push(Entry { place: format!("{place}, {id}"), ids: vec![id], text }),
            _ => faults.push(format!("{place}, {id}: this is no text")),
        }
    }
    (found, faults)
}

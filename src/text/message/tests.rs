//! Every sentence in the source has its translation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;

/// The string literal at the beginning of a text of Rust, as the compiler reads it.
fn literal(text: &str) -> Option<String> {
    let mut letters = text.trim_start().strip_prefix('"')?.chars().peekable();
    let mut read = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(read),
            '\\' => match letters.next()? {
                'n' => read.push('\n'),
                '\n' => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
                other => read.push(other),
            },
            letter => read.push(letter),
        }
    }
}

/// The sentences of all messages in the source.
fn sentences() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("message/tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                let code = code.collect::<Vec<_>>().join("\n");
                found.extend(code.split("message!(").skip(1).filter_map(literal));
            }
        }
    }
    assert!(found.len() > 50, "only {} sentences were found", found.len());
    found
}

/// The names of a sentence's places.
fn places(sentence: &str) -> BTreeSet<&str> {
    sentence.split('{').skip(1).filter_map(|piece| piece.split_once('}')).map(|(name, _)| name).collect()
}

fn translations() -> BTreeMap<String, String> {
    serde_json::from_str(VIETNAMESE).unwrap()
}

#[test]
fn every_sentence_has_its_translation() {
    let (sentences, translations) = (sentences(), translations());
    let missing: Vec<_> = sentences.iter().filter(|sentence| !translations.contains_key(*sentence)).collect();
    assert!(missing.is_empty(), "translate in src/text/vi.json:\n{missing:#?}");
    let unused: Vec<_> = translations.keys().filter(|sentence| !sentences.contains(*sentence)).collect();
    assert!(unused.is_empty(), "take out of src/text/vi.json, no message says it:\n{unused:#?}");
}

#[test]
fn translations_name_the_same_places_and_are_vietnamese() {
    for (english, vietnamese) in translations() {
        assert_eq!(places(&english), places(&vietnamese), "{english}");
        assert!(!vietnamese.trim().is_empty() && (english != vietnamese || english.starts_with('{')), "{english}");
        assert_eq!(crate::text::nfc(&vietnamese), vietnamese, "not NFC: {english}");
    }
}

/// In order, so that two who add a sentence seldom meet; each once, one a line.
#[test]
fn the_catalogue_is_sorted() {
    let lines: Vec<String> = VIETNAMESE.lines().filter_map(|line| literal(line.trim_start())).collect();
    assert_eq!(lines.len(), translations().len(), "a sentence stands twice, or not in a line of its own");
    let mut sorted = lines.clone();
    sorted.sort();
    assert_eq!(lines, sorted, "sort src/text/vi.json by the English sentences");
}

#[test]
fn places_are_filled_once_in_either_language() {
    let field = "{max}";
    let said = message!("{field} is longer than {max} characters", field, max = 40);
    assert_eq!(said.english(), "{max} is longer than 40 characters");
    assert_eq!(said.text(Language::Vietnamese), "{max} dài quá 40 ký tự");
    assert!(fits("a {b} {c} {b}", &["b", "c"]) && fits("a", &[]));
    assert!(!fits("a {b}", &[]) && !fits("a", &["b"]) && !fits("a {bc}", &["b"]) && !fits("{b", &["b"]));
}

#[test]
fn a_kept_message_is_said_again_in_another_language() {
    let said = message!("this needs {role}", role = message!("the role MEMBER at the initiative's unit or above"));
    let kept = serde_json::to_string(&said).unwrap();
    let again: Message = serde_json::from_str(&kept).unwrap();
    assert_eq!(again, said);
    assert!(again.text(Language::Vietnamese).starts_with("cần có vai trò MEMBER"));
    // As it was kept before there were languages: braces and all.
    let old: Message = serde_json::from_str(r#""{x} is empty""#).unwrap();
    assert_eq!(old.english(), "{x} is empty");
}

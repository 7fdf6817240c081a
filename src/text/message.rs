//! What is said to callers: English sentences with named places, and their Vietnamese translations.
//!
//! The English sentence is the key of its translation in vi.json, as gettext does it; a test finds every [`message!`] in
//! the source and fails where one has no translation, or one that names other places. A `message!` is the only way to make
//! a [`Message`], so nothing that callers read can be left untranslated. The language is chosen where an answer is written.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::Language;

const VIETNAMESE: &str = include_str!("vi.json");

/// A sentence for a caller, in any of the languages. It can be kept and said again in another language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Message {
    template: Cow<'static, str>,
    arguments: Vec<(Cow<'static, str>, Argument)>,
}

/// What stands in a named place: a value as it is, or a message, which is translated itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Argument {
    Value(String),
    Said(Message),
}

/// As it was kept; before there were languages it was the plain English text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Text(String),
    Message { template: String, arguments: Vec<(String, Argument)> },
}

/// A message: the English sentence, then its named places, `name` or `name = value`. The compiler checks that they fit.
///
/// `message!("no unit has the code \"{code}\"", code)`
macro_rules! message {
    (@value $name:ident) => { $crate::text::Argument::from($name) };
    (@value $name:ident = $value:expr) => { $crate::text::Argument::from($value) };
    ($template:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        const { assert!($crate::text::fits($template, &[$(stringify!($name)),*]), "the named places do not fit the sentence") };
        $crate::text::Message::new(
            $template,
            vec![$((stringify!($name), $crate::text::message!(@value $name $(= $value)?))),*],
        )
    }};
}

pub(crate) use message;

impl Message {
    /// For the macro, which checks that template and arguments fit.
    #[doc(hidden)]
    pub fn new(template: &'static str, arguments: Vec<(&'static str, Argument)>) -> Message {
        let arguments = arguments.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect();
        Message { template: Cow::Borrowed(template), arguments }
    }

    /// What a caller reads of the server's own insides.
    pub fn internal() -> Message {
        message!("something went wrong on the server; the log has it under this request's id")
    }

    /// For the log and the command line.
    pub fn english(&self) -> String {
        self.text(Language::English)
    }

    pub fn text(&self, language: Language) -> String {
        let template = match language {
            Language::English => &self.template,
            Language::Vietnamese => catalogue().get(self.template.as_ref()).map_or(&*self.template, |text| text),
        };
        // In one pass: what an argument says is never taken for a place.
        let mut pieces = template.split('{');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            match piece.split_once('}').and_then(|(name, rest)| Some((self.argument(name)?, rest))) {
                Some((argument, rest)) => {
                    text += &argument.text(language);
                    text += rest;
                }
                None => {
                    text.push('{');
                    text += piece;
                }
            }
        }
        text
    }

    fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|(known, _)| known == name).map(|(_, argument)| argument)
    }
}

impl Argument {
    fn text(&self, language: Language) -> Cow<'_, str> {
        match self {
            Argument::Value(value) => Cow::Borrowed(value),
            Argument::Said(message) => Cow::Owned(message.text(language)),
        }
    }
}

impl<T: Display> From<T> for Argument {
    fn from(value: T) -> Argument {
        Argument::Value(value.to_string())
    }
}

impl From<Message> for Argument {
    fn from(message: Message) -> Argument {
        Argument::Said(message)
    }
}

impl From<Kept> for Message {
    fn from(kept: Kept) -> Message {
        match kept {
            Kept::Text(text) => Message { template: text.into(), arguments: Vec::new() },
            Kept::Message { template, arguments } => Message {
                template: template.into(),
                arguments: arguments.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            },
        }
    }
}

fn catalogue() -> &'static HashMap<String, String> {
    static CATALOGUE: OnceLock<HashMap<String, String>> = OnceLock::new();
    // A test proves that the file can be read.
    CATALOGUE.get_or_init(|| serde_json::from_str(VIETNAMESE).unwrap_or_default())
}

/// Whether the places of a sentence, `{name}`, are exactly these.
pub const fn fits(template: &str, names: &[&str]) -> bool {
    let text = template.as_bytes();
    let mut used = 0_u64;
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'{' {
            let before = used;
            let mut found = false;
            let mut n = 0;
            while n < names.len() {
                if stands(text, at + 1, names[n].as_bytes()) {
                    used = before | (1 << n);
                    found = true;
                }
                n += 1;
            }
            if !found {
                return false;
            }
        }
        at += 1;
    }
    used == (1 << names.len()) - 1
}

/// Whether a place's name, and the bracket that ends it, stand there.
const fn stands(text: &[u8], at: usize, name: &[u8]) -> bool {
    if at + name.len() >= text.len() || text[at + name.len()] != b'}' {
        return false;
    }
    let mut i = 0;
    while i < name.len() {
        if text[at + i] != name[i] {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests;

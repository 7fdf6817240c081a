//! Trusted documents: operations that were written down beforehand and are named instead of sent.
//!
//! Read and validated whole when the server starts, parsed once. docs/trusted-documents.md tells how to use them.

mod read;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use sha2::{Digest, Sha256};

use super::api::Call;
use crate::text::{Message, message};
use read::Entry;

/// A document that was written down beforehand.
#[derive(Debug)]
pub struct Trusted {
    pub text: String,
    pub document: ExecutableDocument,
}

/// Those that a server knows; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    by_id: Arc<HashMap<String, Arc<Trusted>>>,
    /// Nothing else is executed.
    only: bool,
}

/// Why a call names no document that may be executed, with its code.
pub type Unknown = (&'static str, Message);

impl Documents {
    /// Reads a directory or a manifest; `parse` says why a text may not be executed. `Err` names every fault with its place.
    pub async fn load(
        path: &Path,
        only: bool,
        parse: impl AsyncFn(&str) -> Result<ExecutableDocument, String>,
    ) -> Result<Documents, Vec<String>> {
        let (entries, mut faults) = read::entries(path);
        let mut by_id: HashMap<String, Arc<Trusted>> = HashMap::new();
        for Entry { place, ids, text } in entries {
            let document = match parse(&text).await {
                Ok(document) => document,
                Err(why) => {
                    faults.push(format!("{place}: {why}"));
                    continue;
                }
            };
            let trusted = Arc::new(Trusted { document, text });
            for id in ids.into_iter().chain([hash(&trusted.text)]) {
                let there = by_id.insert(id.clone(), trusted.clone());
                if there.is_some_and(|other| other.text != trusted.text) {
                    faults.push(format!("{place}: another document has the id {id} too"));
                }
            }
        }
        if by_id.is_empty() && faults.is_empty() {
            faults.push(format!("{}: there is no document in it", path.display()));
        }
        if faults.is_empty() { Ok(Documents { by_id: Arc::new(by_id), only }) } else { Err(faults) }
    }

    /// The names of all operations.
    pub fn operation_names(&self) -> impl Iterator<Item = &str> {
        let operations = self.by_id.values().flat_map(|trusted| trusted.document.operations.iter());
        operations.filter_map(|(name, _)| name.map(|name| name.as_str()))
    }

    /// The document that a call means; none: its own text is executed.
    pub fn find(&self, call: &Call) -> Result<Option<Arc<Trusted>>, Unknown> {
        let named = call.document_id.as_deref().map(|id| id.strip_prefix("sha256:").unwrap_or(id));
        let found = named.and_then(|id| self.by_id.get(id));
        match (found, named, call.query.as_deref()) {
            (Some(trusted), _, Some(query)) if query != trusted.text => {
                Err(("BAD_REQUEST", message!("the query is not the text of the document that is named")))
            }
            (Some(trusted), _, _) => Ok(Some(trusted.clone())),
            // A text that was written down is trusted, named or not.
            (None, _, Some(query)) if self.only => match self.by_id.get(&hash(query)) {
                Some(trusted) => Ok(Some(trusted.clone())),
                None => Err((
                    "TRUSTED_DOCUMENTS_ONLY",
                    message!("this server executes only the documents it was given beforehand: name one by documentId"),
                )),
            },
            (None, _, Some(_)) => Ok(None),
            // Apollo's client asks again with the text, and no more without it.
            (None, Some(_), None) if self.by_id.is_empty() => Err((
                "PERSISTED_QUERY_NOT_SUPPORTED",
                message!("this server was given no documents beforehand: send the query itself"),
            )),
            (None, Some(_), None) => {
                Err(("PERSISTED_QUERY_NOT_FOUND", message!("this server was given no document with this id")))
            }
            (None, None, None) => Err(("BAD_REQUEST", message!("the parameter query is missing"))),
        }
    }
}

/// SHA-256 as hexadecimal digits, as clients name documents.
fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    async fn load(file: &str, content: &str, only: bool) -> Result<Documents, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        std::fs::write(&path, content).unwrap();
        let path = if file.ends_with(".json") { path } else { folder.path().to_owned() };
        Documents::load(&path, only, async |text: &str| parse_query(text).map_err(|error| error.to_string())).await
    }

    fn found(documents: &Documents, id: Option<&str>, query: Option<&str>) -> Result<Option<String>, &'static str> {
        let call = Call { document_id: id.map(str::to_owned), query: query.map(str::to_owned), ..Call::default() };
        let found = documents.find(&call).map_err(|(code, _)| code)?;
        Ok(found.map(|trusted| trusted.text.clone()))
    }

    #[tokio::test]
    async fn every_kind_of_manifest_is_read() {
        let text = "query A { __typename }";
        let apollo = format!(
            r#"{{ "format": "apollo-persisted-query-manifest", "version": 1,
                 "operations": [{{ "id": "x1", "name": "A", "type": "query", "body": "{text}" }}] }}"#
        );
        for (file, content, id) in [
            ("A.graphql", text.to_owned(), "A"),
            ("relay.json", format!(r#"{{ "x1": "{text}" }}"#), "x1"),
            ("apollo.json", apollo, "x1"),
        ] {
            let documents = load(file, &content, false).await.unwrap();
            let hash = hash(text);
            for id in [id, &hash, &format!("sha256:{hash}")] {
                assert_eq!(found(&documents, Some(id), None), Ok(Some(text.to_owned())), "{file} {id}");
            }
        }
    }

    #[tokio::test]
    async fn faults_are_named_with_their_place() {
        for (file, content, fault) in [
            ("bad.graphql", "query {", "bad.graphql: "),
            ("bad.json", r#"{ "x1": "query {" }"#, "bad.json, x1: "),
            ("bad.json", r#"{ "x1": 7 }"#, "bad.json, x1: this is no text"),
            ("bad.json", "[]", "bad.json: this is no manifest"),
            ("bad.json", "{", "bad.json: "),
            ("bad.json", "{}", "bad.json: there is no document in it"),
            (
                "bad.json",
                r#"{"format": "apollo-persisted-query-manifest", "operations": [{}]}"#,
                "bad.json, operation 0: ",
            ),
        ] {
            let faults = load(file, content, false).await.unwrap_err();
            assert!(faults.iter().any(|said| said.contains(fault)), "{faults:?}");
        }
        let twice = r#"{"format": "apollo-persisted-query-manifest", "operations": [{"id": "x", "body": "{ a }"}, {"id": "x", "body": "{ b }"}]}"#;
        assert!(load("twice.json", twice, false).await.unwrap_err()[0].contains("another document has the id x"));
    }

    #[tokio::test]
    async fn a_call_means_a_document_or_its_own_text() {
        let none = Documents::default();
        assert_eq!(found(&none, None, Some("{ b }")), Ok(None));
        assert_eq!(found(&none, Some("x"), Some("{ b }")), Ok(None));
        assert_eq!(found(&none, Some("x"), None), Err("PERSISTED_QUERY_NOT_SUPPORTED"));
        assert_eq!(found(&none, None, None), Err("BAD_REQUEST"));
        let some = load("x.json", r#"{ "x": "{ a }" }"#, false).await.unwrap();
        assert_eq!(found(&some, Some("x"), Some("{ b }")), Err("BAD_REQUEST"));
        assert_eq!(found(&some, Some("x"), Some("{ a }")), Ok(Some("{ a }".to_owned())));
        assert_eq!(found(&some, Some("y"), None), Err("PERSISTED_QUERY_NOT_FOUND"));
        assert_eq!(found(&some, None, Some("{ b }")), Ok(None));
        let only = Documents { only: true, ..some };
        assert_eq!(found(&only, None, Some("{ b }")), Err("TRUSTED_DOCUMENTS_ONLY"));
        assert_eq!(found(&only, Some("y"), Some("{ b }")), Err("TRUSTED_DOCUMENTS_ONLY"));
        assert_eq!(found(&only, None, Some("{ a }")), Ok(Some("{ a }".to_owned())));
    }
}

//! The parameters of a request, from a body or a URL.

use poem::Request;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::json;
use super::refusal::Refusal;
use crate::config::Limits;
use crate::graphql::Call;
use crate::text::message;

/// What a body holds.
#[derive(Debug)]
pub enum Body {
    One(Call),
    Batch(Vec<Call>),
}

/// From a body that must be one JSON object, or a list of them where batches are served.
pub fn from_body(body: &[u8], limits: &Limits) -> Result<Body, Refusal> {
    let items = match json::read(body, limits)? {
        Value::Array(items) => items,
        body => return one(body).map(Body::One),
    };
    match items.len() as u64 {
        0 => Err(Refusal::bad_request(message!("the batch is empty"))),
        found if found > limits.max_batch => {
            let most = limits.max_batch;
            Err(Refusal::limit(
                "batch",
                found,
                most,
                message!("the batch holds {found} requests, at most {most} are allowed: split it", found, most),
            ))
        }
        _ => Ok(Body::Batch(items.into_iter().map(one).collect::<Result<_, _>>()?)),
    }
}

/// Other properties than the four are passed over.
fn one(body: Value) -> Result<Call, Refusal> {
    let Value::Object(body) = body else {
        return Err(Refusal::bad_request(message!("the body must be a JSON object")));
    };
    from_object(body)
}

/// From the object that a body or a message is.
pub fn from_object(mut body: Map<String, Value>) -> Result<Call, Refusal> {
    let extensions = object("extensions", body.remove("extensions"))?;
    let query = text("query", body.remove("query"))?;
    let own = match text("documentId", body.remove("documentId"))? {
        Some(id) => Some(id),
        // Names that Relay's networks use. They are nobody's where there is a query.
        None if query.is_none() => ["doc_id", "id"].into_iter().find_map(|name| text(name, body.remove(name)).ok()?),
        None => None,
    };
    let document_id = own.or_else(|| hash(extensions.as_ref()));
    Ok(Call {
        query: needed(query, &document_id)?,
        document_id,
        operation_name: text("operationName", body.remove("operationName"))?,
        variables: object("variables", body.remove("variables"))?,
        extensions,
        read_only: false,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UrlParameters {
    query: Option<String>,
    document_id: Option<String>,
    #[serde(rename = "doc_id")]
    doc_id: Option<String>,
    id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// From a URL, where the two objects are JSON texts, and an empty text is as good as none.
pub fn from_url(request: &Request) -> Result<Call, Refusal> {
    let url: UrlParameters = request
        .params()
        .map_err(|error| Refusal::bad_request(message!("the parameters of the URL: {why}", why = error)))?;
    let extensions = object("extensions", parsed("extensions", url.extensions)?)?;
    let relay = if url.query.is_none() { url.doc_id.or(url.id) } else { None };
    let document_id = url.document_id.or(relay).filter(|id| !id.is_empty()).or_else(|| hash(extensions.as_ref()));
    Ok(Call {
        query: needed(url.query, &document_id)?,
        document_id,
        operation_name: url.operation_name.filter(|name| !name.is_empty()),
        variables: object("variables", parsed("variables", url.variables)?)?,
        extensions,
        read_only: true,
    })
}

/// A query, or a document that is named instead.
fn needed(query: Option<String>, document_id: &Option<String>) -> Result<Option<String>, Refusal> {
    match (&query, document_id) {
        (None, None) => Err(Refusal::bad_request(message!("the parameter query is missing"))),
        _ => Ok(query),
    }
}

/// The hash by which Apollo's clients name a document.
fn hash(extensions: Option<&Value>) -> Option<String> {
    Some(extensions?.get("persistedQuery")?.get("sha256Hash")?.as_str()?.to_owned())
}

fn text(name: &str, value: Option<Value>) -> Result<Option<String>, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::bad_request(message!("the parameter {name} must be a string", name))),
    }
}

fn object(name: &str, value: Option<Value>) -> Result<Option<Value>, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(Value::Object(map))),
        Some(_) => Err(Refusal::bad_request(message!("the parameter {name} must be an object", name))),
    }
}

fn parsed(name: &str, text: Option<String>) -> Result<Option<Value>, Refusal> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let value = serde_json::from_str(&text);
    value.map_err(|error| Refusal::bad_request(message!("the parameter {name} is not JSON: {why}", name, why = error)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn from_body(body: &[u8]) -> Result<Call, Refusal> {
        match super::from_body(body, &Limits::default())? {
            Body::One(call) => Ok(call),
            Body::Batch(calls) => panic!("a batch: {calls:?}"),
        }
    }

    fn url(query: &str) -> Result<Call, Refusal> {
        from_url(&Request::builder().uri_str(format!("/graphql?{query}")).finish())
    }

    #[test]
    fn a_body_with_everything() {
        let body = json!({ "query": "{a}", "operationName": "A", "variables": { "x": 1 }, "extensions": {}, "id": 7 });
        let call = from_body(body.to_string().as_bytes()).unwrap();
        assert_eq!(call.query.as_deref(), Some("{a}"));
        assert_eq!(call.operation_name.as_deref(), Some("A"));
        assert_eq!(call.variables, Some(json!({ "x": 1 })));
        assert_eq!(call.extensions, Some(json!({})));
        assert!(!call.read_only);
    }

    #[test]
    fn a_document_is_named_in_several_ways() {
        let hash = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "x" } } });
        for body in [json!({ "documentId": "x" }), json!({ "doc_id": "x" }), json!({ "id": "x", "query": null }), hash]
        {
            let call = from_body(body.to_string().as_bytes()).unwrap();
            assert_eq!((call.query, call.document_id.as_deref()), (None, Some("x")), "{body}");
        }
        let call = url("documentId=x&variables=%7B%7D").unwrap();
        assert_eq!((call.query, call.document_id.as_deref()), (None, Some("x")));
        let call = url("extensions=%7B%22persistedQuery%22%3A%7B%22sha256Hash%22%3A%22x%22%7D%7D").unwrap();
        assert_eq!(call.document_id.as_deref(), Some("x"));
        assert!(from_body(br#"{"documentId": 7}"#).is_err() && from_body(br#"{"id": 7}"#).is_err());
    }

    #[test]
    fn null_is_as_good_as_absent() {
        let call =
            from_body(br#"{"query": "", "operationName": null, "variables": null, "extensions": null}"#).unwrap();
        assert_eq!(call.query.as_deref(), Some(""));
        assert!(call.operation_name.is_none() && call.variables.is_none() && call.extensions.is_none());
    }

    #[test]
    fn a_body_that_is_no_request() {
        let bodies: [&[u8]; 18] = [
            b"",
            b"NONSENSE",
            br#"{"query":"#,
            br#"{"query": "{a}"} x"#,
            br#"[{"query": "{a}"}]"#,
            br#""{a}""#,
            b"null",
            br#"{"qeury": "{a}"}"#,
            br#"{"query": null}"#,
            br#"{"query": ["{a}"]}"#,
            br#"{"query": "{a}", "operationName": 1}"#,
            br#"{"query": "{a}", "variables": [7]}"#,
            br#"{"query": "{a}", "variables": "{}"}"#,
            br#"{"query": "{a}", "extensions": false}"#,
            br#"{"query": "\ud800"}"#,
            br#"{"query": "{a}", "other": "\ud800"}"#,
            b"{\"query\": \"\xff\"}",
            b"\xef\xbb\xbf{\"query\": \"{a}\"}",
        ];
        for body in bodies {
            assert!(from_body(body).is_err(), "{}", String::from_utf8_lossy(body));
        }
        let deep = format!(r#"{{"query": "{{a}}", "variables": {{"x": {}{} }}}}"#, "[".repeat(500), "]".repeat(500));
        assert!(from_body(deep.as_bytes()).is_err());
    }

    #[test]
    fn a_url_with_everything() {
        let call =
            url("query=query+A%7Ba%7D&operationName=A&variables=%7B%22x%22%3A1%7D&extensions=null&utm=1").unwrap();
        assert_eq!(call.query.as_deref(), Some("query A{a}"));
        assert_eq!(call.operation_name.as_deref(), Some("A"));
        assert_eq!(call.variables, Some(json!({ "x": 1 })));
        assert!(call.extensions.is_none() && call.read_only);
    }

    #[test]
    fn empty_parameters_of_a_url_are_absent() {
        let call = url("query=%7Ba%7D&operationName=&variables=&extensions=").unwrap();
        assert!(call.operation_name.is_none() && call.variables.is_none() && call.extensions.is_none());
    }

    #[test]
    fn a_url_that_is_no_request() {
        for query in ["", "operationName=A", "query=a&query=b", "query=a&variables=x", "query=a&variables=[1]"] {
            assert!(url(query).is_err(), "{query}");
        }
    }
}

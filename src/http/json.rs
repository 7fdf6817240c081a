//! The body of a request as JSON, once it is known that it does not unfold into far more than it is.

use serde_json::Value;

use super::refusal::Refusal;
use super::unique::Unique;
use crate::config::Limits;
use crate::error::clip;
use crate::text::message;

/// How deep lists and objects may nest.
const DEEPEST: usize = 64;

/// Values that a request has beside its variables.
const BESIDE: u64 = 100;

/// Reads the body, unless it has more values than variables may hold, or nests too deep, or is a batch where none is served.
pub fn read(body: &[u8], limits: &Limits) -> Result<Value, Refusal> {
    if limits.max_batch == 1 && body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Refusal::batch());
    }
    let shape = Shape::of(body);
    let most = limits.max_variable_values.saturating_add(BESIDE);
    if shape.values > most {
        let found = shape.values;
        return Err(Refusal::limit(
            "bodyValues",
            found,
            most,
            message!(
                "the body holds {found} values, at most {most} are allowed: split it over several requests",
                found,
                most
            ),
        ));
    }
    if shape.deepest > DEEPEST {
        let (found, most) = (shape.deepest, DEEPEST);
        return Err(Refusal::limit(
            "bodyDepth",
            found as u64,
            most as u64,
            message!("the body nests {found} deep, at most {most} are allowed: no request is so deep", found, most),
        ));
    }
    let read = serde_json::from_slice::<Unique>(body);
    let read = read.map_err(|e| Refusal::bad_request(message!("the body is not JSON: {why}", why = e)))?;
    match read.twice {
        Some(name) => Err(Refusal::bad_request(message!("the body has \"{name}\" twice", name = clip(&name)))),
        None => Ok(read.value),
    }
}

#[derive(Default)]
struct Shape {
    values: u64,
    depth: usize,
    deepest: usize,
}

impl Shape {
    /// One pass, no recursion. Of what is no JSON it may say anything.
    fn of(body: &[u8]) -> Shape {
        let mut shape = Shape::default();
        let mut at = 0;
        while at < body.len() {
            match body[at] {
                b'"' => at = end_of_string(body, at + 1),
                b'{' | b'[' => {
                    shape.values += 1;
                    shape.depth += 1;
                    shape.deepest = shape.deepest.max(shape.depth);
                }
                b'}' | b']' => shape.depth = shape.depth.saturating_sub(1),
                // Each but the first value of a list or an object; the first is counted with what it stands in.
                b',' => shape.values += 1,
                _ => {}
            }
            at += 1;
        }
        shape
    }
}

/// Where the closing quote is.
fn end_of_string(body: &[u8], mut at: usize) -> usize {
    loop {
        let Some(length) = memchr::memchr2(b'"', b'\\', &body[at.min(body.len())..]) else { return body.len() };
        at += length;
        if body[at] == b'"' {
            return at;
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_as_much_as_its_brackets_and_commas() {
        let shape = Shape::of(br#"{"a": [1, 2, [3]], "b": "[[[,,,\\\"[[", "c": {}}"#);
        assert_eq!((shape.values, shape.deepest), (8, 3));
        assert_eq!(Shape::of(br#"{"a": "\\"#).deepest, 1);
        assert_eq!(Shape::of(br#"{"a": "x\"#).deepest, 1);
    }

    #[test]
    fn nothing_stands_twice_in_a_request() {
        let limits = Limits { max_batch: 2, ..Limits::default() };
        for body in [
            r#"{"query": "{ a }", "query": "{ b }"}"#,
            r#"{"query": "{ a }", "qu\u0065ry": "{ a }"}"#,
            r#"{"query": "{ a }", "variables": {}, "variables": null}"#,
            r#"[{"query": "{ a }"}, {"id": 1, "id": 1}]"#,
        ] {
            assert!(read(body.as_bytes(), &limits).is_err(), "{body}");
        }
        // What stands in a value is the executor's business.
        let body =
            r#"{"query": "{ a }", "Query": "", "variables": {"query": [1.5, {"a": 1, "a": -2}], "x": "\u1eef"}}"#;
        let value = serde_json::from_str::<Value>(body).unwrap();
        assert_eq!(read(body.as_bytes(), &limits).unwrap(), value);
        let body = format!("[{body}, 7]");
        assert_eq!(read(body.as_bytes(), &limits).unwrap(), serde_json::json!([value, 7]));
    }

    #[test]
    fn what_unfolds_is_not_read() {
        let limits = Limits::default();
        let flood = format!("{{\"query\": \"\", \"variables\": {{\"x\": [{}0]}}}}", "0,".repeat(100_000));
        assert!(read(flood.as_bytes(), &limits).is_err());
        let deep = format!("{}{}", "{\"a\":".repeat(65), "}".repeat(65));
        assert!(read(deep.as_bytes(), &limits).is_err());
        assert!(read(b" [{}]", &limits).is_err());
        assert!(read(b" [{}]", &Limits { max_batch: 2, ..limits }).is_ok());
    }
}

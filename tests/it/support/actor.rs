//! Somebody who speaks to the server over HTTP.

use serde_json::{Value, json};

use super::Reply;

#[derive(Clone)]
pub struct Actor {
    http: reqwest::Client,
    url: String,
    pub name: String,
    id: Option<String>,
    token: Option<String>,
    language: Option<&'static str>,
}

impl Actor {
    pub fn new(http: &reqwest::Client, url: &str, name: String, id: Option<String>, token: Option<String>) -> Actor {
        Actor { http: http.clone(), url: url.to_owned(), name, id, token, language: None }
    }

    /// The same person, who sends this as Accept-Language.
    pub fn speaking(&self, language: &'static str) -> Actor {
        Actor { language: Some(language), ..self.clone() }
    }

    /// Node id of the account.
    pub fn id(&self) -> &str {
        self.id.as_deref().unwrap()
    }

    /// The bearer token.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// The same person at another server.
    pub fn at(&self, url: &str) -> Actor {
        Actor { url: url.to_owned(), ..self.clone() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn bearer(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub async fn query(&self, document: &str, variables: Value) -> Reply {
        self.send(json!({ "query": document, "variables": variables })).await
    }

    /// As [`Actor::query`]; none where the server is gone before it has answered.
    pub async fn try_query(&self, document: &str, variables: Value) -> Option<Reply> {
        Reply::try_read(self.request(json!({ "query": document, "variables": variables })).send().await.ok()?).await
    }

    /// As [`Actor::mutate`]; none where the server is gone before it has answered.
    pub async fn try_mutate(&self, name: &str, input: Value, changed: &str) -> Option<Reply> {
        self.try_query(&mutation(name, changed), json!({ "input": input })).await
    }

    /// A body as it is.
    pub async fn send(&self, body: Value) -> Reply {
        Reply::read(self.request(body).send().await.unwrap()).await
    }

    fn request(&self, body: Value) -> reqwest::RequestBuilder {
        let mut request = self.http.post(&self.url).json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(language) = self.language {
            request = request.header("Accept-Language", language);
        }
        request
    }

    /// One mutation with its input; `changed` selects of the payload, beside its userErrors.
    pub async fn mutate(&self, name: &str, input: Value, changed: &str) -> Reply {
        self.query(&mutation(name, changed), json!({ "input": input })).await
    }
}

fn mutation(name: &str, changed: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!(
        "mutation($input: {}{rest}Input!) {{ {name}(input: $input) {{ {changed} userErrors {{ code field message }} }} }}",
        first.to_uppercase()
    )
}

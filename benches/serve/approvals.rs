//! M1: approving, one initiative a request. What there is to approve is sent in before, by the demo's member.

use serde_json::{Value, json};

use super::client::{Client, request};
use super::server::Server;

const PENDING: &str =
    "query($after: String) { initiatives(programme: \"SK-MO\", state: [SUBMITTED], first: 100, after: $after) {
  nodes { id version benefitNotComputable unit { code } } pageInfo { hasNextPage endCursor } } }";
const OWN: &str = "{ initiatives(programme: \"SK-MO\", first: 1) { nodes { unit { code } } }
  programme(code: \"SK-MO\") { groups { code } } }";
const DRAFT: &str = "mutation($input: InitiativeDraftInput!) { initiativeDraft(input: $input) {
  initiative { id version } userErrors { message } } }";
const SUBMIT: &str = "mutation($input: InitiativeSubmitInput!) { initiativeSubmit(input: $input) {
  initiative { id version } userErrors { message } } }";
const APPROVE: &str = "mutation($input: InitiativeApproveInput!) { initiativeApprove(input: $input) {
  initiative { id version state } userErrors { message } } }";
const APPROVED: &str = "{ unit(code: \"TLD\") { rollup(programme: \"SK-MO\") { approved } } }";

/// So many initiatives that wait, as requests that approve them.
pub async fn waiting(server: &Server, number: usize, connections: usize) -> Vec<Vec<u8>> {
    let (host, member, reviewer) = (&server.host, server.token("member"), server.token("reviewer"));
    let mut client = Client::open(host).await;
    let (unit, group) = place(server, &mut client).await;
    let mut found = pending(host, reviewer, &mut client, &unit).await;
    let missing = number.saturating_sub(found.len());
    let work = (0..connections).map(|i| {
        let (host, member, unit, group) = (host.clone(), member.to_owned(), unit.clone(), group.clone());
        tokio::spawn(async move {
            let mut client = Client::open(&host).await;
            for _ in (i..missing).step_by(connections) {
                send_in(&host, &member, &mut client, (&unit, &group)).await;
            }
        })
    });
    for done in work.collect::<Vec<_>>() {
        done.await.unwrap();
    }
    if missing > 0 {
        found = pending(host, reviewer, &mut client, &unit).await;
    }
    found.truncate(number);
    let approve = |initiative: &Value| {
        let input = json!({ "id": initiative["id"], "version": initiative["version"], "verifiedBenefit": "1000000" });
        request(host, Some(reviewer), APPROVE, json!({ "input": input }))
    };
    found.iter().map(approve).collect()
}

/// Where the member sends in: his unit, and a group.
pub async fn place(server: &Server, client: &mut Client) -> (Value, Value) {
    let own = client.data(&request(&server.host, Some(server.token("member")), OWN, Value::Null)).await;
    (own["initiatives"]["nodes"][0]["unit"]["code"].clone(), own["programme"]["groups"][0]["code"].clone())
}

async fn pending(host: &str, reviewer: &str, client: &mut Client, unit: &Value) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = client.data(&request(host, Some(reviewer), PENDING, json!({ "after": after }))).await;
        let page = &data["initiatives"];
        found.extend(
            page["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|one| one["unit"]["code"] == *unit && one["benefitNotComputable"] == false)
                .cloned(),
        );
        if page["pageInfo"]["hasNextPage"] != true {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Writes one down and sends it in.
pub async fn send_in(host: &str, member: &str, client: &mut Client, (unit, group): (&Value, &Value)) {
    let input = json!({ "unit": unit, "programme": "SK-MO", "phase": "1", "group": group, "solution": "TECHNICAL",
                        "title": "Sáng kiến để đo tốc độ", "appliedOn": "2025-06-15", "claimedBenefit": "2000000" });
    let drafted = client.data(&request(host, Some(member), DRAFT, json!({ "input": input }))).await;
    let drafted = &drafted["initiativeDraft"];
    assert_eq!(drafted["userErrors"], json!([]), "{drafted}");
    let input = json!({ "id": drafted["initiative"]["id"], "version": drafted["initiative"]["version"] });
    let sent = client.data(&request(host, Some(member), SUBMIT, json!({ "input": input }))).await;
    assert_eq!(sent["initiativeSubmit"]["userErrors"], json!([]), "{sent}");
}

/// How many the whole federation has approved in that programme.
pub async fn approved(server: &Server) -> i64 {
    let mut client = Client::open(&server.host).await;
    let data = client.data(&request(&server.host, Some(server.token("analyst")), APPROVED, Value::Null)).await;
    data["unit"]["rollup"]["approved"].as_i64().unwrap()
}

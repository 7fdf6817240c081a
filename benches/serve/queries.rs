//! What is asked: Q1 to Q4, on whatever demo the server holds.

use serde_json::{Value, json};

use super::client::{Client, request};
use super::server::Server;

pub const PROGRAMME: &str = "1M-SK";

/// All measures of the root.
const Q1: &str = "query Q1 { unit(code: \"TLD\") { code name rollup(programme: \"1M-SK\") { submitted pending returned approved rejected
  revoked claimedBenefit verifiedBenefit benefitNotComputable participants } } }";

/// The root and its 83 direct units.
const Q2: &str = "query Q2 { unit(code: \"TLD\") { ...U children(first: 100) { nodes { ...U } } } }
fragment U on Unit { code name rollup(programme: \"1M-SK\") { submitted approved claimedBenefit verifiedBenefit participants
  completion { numerator target ratio } } }";

/// A province and its districts by group.
const Q3: &str = "query Q3($code: String!) { unit(code: $code) { ...U children(first: 100) { nodes { ...U } } } }
fragment U on Unit { code name rollup(programme: \"1M-SK\") { submitted approved
  breakdown(by: [GROUP]) { keys { value label } submitted approved verifiedBenefit participants } } }";

/// The fifty largest initiatives of a province and everything below it.
const Q4: &str = "query Q4($code: String!) { unit(code: $code) { initiatives(programme: \"1M-SK\", state: [APPROVED],
  orderBy: VERIFIED_BENEFIT_DESC, first: 50) { nodes { code title state verifiedBenefit unit { code name }
  authors { share account { displayName } } } pageInfo { hasNextPage endCursor } } } }";

/// The root and its direct units with all measures, now or at an instant.
pub fn all_measures(at: &str) -> String {
    format!(
        "query {{ unit(code: \"TLD\") {{ ...U children(first: 100) {{ nodes {{ ...U }} }} }} }}
fragment U on Unit {{ code name rollup(programme: \"1M-SK\"{at}) {{ submitted pending returned approved rejected revoked claimedBenefit
  verifiedBenefit benefitNotComputable participants }} }}"
    )
}

/// An instant at which a figure was published.
const PAST: &str = ", asOf: \"2022-04-13T00:00:00Z\"";

/// Every province by size.
const PROVINCES: &str = "{ unit(code: \"TLD\") { children(first: 100) { nodes { code children(first: 1) { totalCount }
  rollup(programme: \"1M-SK\") { submitted } } } } }";

/// Something that is measured.
pub struct Case {
    pub name: &'static str,
    /// Connections send them in turn: one request, or as many questions as there are connections.
    pub bytes: Vec<Vec<u8>>,
}

/// The code of the largest province.
pub async fn province(server: &Server, client: &mut Client) -> String {
    let found = client.data(&request(&server.host, Some(server.token("analyst")), PROVINCES, Value::Null)).await;
    let provinces = found["unit"]["children"]["nodes"].as_array().unwrap();
    let size = |unit: &&Value| {
        let districts = unit["children"]["totalCount"].as_i64().unwrap();
        (districts.min(2), unit["rollup"]["submitted"].as_i64().unwrap())
    };
    let province = provinces.iter().max_by_key(size).unwrap();
    println!(
        "programme {PROGRAMME}; the province is {}, with {} units below and {} initiatives",
        province["code"], province["children"]["totalCount"], province["rollup"]["submitted"]
    );
    province["code"].as_str().unwrap().to_owned()
}

/// The cases, the one first that the others are compared with; each in so many wordings, which are questions of their own to a server.
pub async fn cases(server: &Server, wordings: usize) -> Vec<Case> {
    let (host, token) = (server.host.as_str(), Some(server.token("analyst")));
    let mut client = Client::open(host).await;
    let province = province(server, &mut client).await;
    let code = json!({ "code": province });
    let worded = |token, query: &str, variables: &Value| {
        let word = |n| request(host, token, &format!("{query}{}", " ".repeat(n)), variables.clone());
        (0..wordings).map(word).collect()
    };
    let case = |name, query: &str, variables: &Value| Case { name, bytes: worded(token, query, variables) };
    let cases = vec![
        Case { name: "{ __typename }", bytes: worded(None, "{ __typename }", &Value::Null) },
        case("the same with a token", "{ __typename }", &Value::Null),
        case("Q1 root", Q1, &Value::Null),
        case("Q2 root and its direct units", Q2, &Value::Null),
        case("Q3 province by group", Q3, &code),
        case("Q4 50 initiatives", Q4, &code),
        case("root and direct units, all measures", &all_measures(""), &Value::Null),
        case("the same as of 13 April 2022", &all_measures(PAST), &Value::Null),
        case("the same as reported", &all_measures(&format!("{PAST}, structure: AS_REPORTED")), &Value::Null),
    ];
    for case in &cases {
        let data = client.data(&case.bytes[0]).await;
        println!("{:>8} bytes  {}", data.to_string().len(), case.name);
    }
    cases
}

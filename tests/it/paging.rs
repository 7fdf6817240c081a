//! Pages, forwards and backwards: every row once, whatever is added meanwhile.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Actor, ROOT, Reply, TestApp, both};

/// A list: where it hangs in the data, and how it is asked for with a place for the page's arguments.
struct List {
    at: &'static str,
    query: &'static str,
}

const LISTS: [List; 14] = [
    List { at: "/units", query: "{ units(PAGE) NODES }" },
    List { at: "/units", query: "{ units(orderBy: NAME_DESC, PAGE) NODES }" },
    List { at: "/units", query: "{ units(orderBy: CODE_DESC, within: \"P01\", PAGE) NODES }" },
    List { at: "/units", query: "{ units(search: \"cong doan\", PAGE) NODES }" },
    List { at: "/unit/children", query: "{ unit(code: \"P01\") { children(PAGE) NODES } }" },
    List { at: "/unit/descendants", query: "{ unit(code: \"P01\") { descendants(orderBy: CODE_ASC, PAGE) NODES } }" },
    List { at: "/initiatives", query: "{ initiatives(PAGE) NODES }" },
    List { at: "/initiatives", query: "{ initiatives(orderBy: SUBMITTED_AT_ASC, PAGE) NODES }" },
    List { at: "/initiatives", query: "{ initiatives(orderBy: CLAIMED_BENEFIT_DESC, within: \"P01\", PAGE) NODES }" },
    List { at: "/initiatives", query: "{ initiatives(orderBy: VERIFIED_BENEFIT_DESC, search: \"may\", PAGE) NODES }" },
    List { at: "/unit/initiatives", query: "{ unit(code: \"P01\") { initiatives(orderBy: TITLE_ASC, PAGE) NODES } }" },
    List {
        at: "/unit/leaderboard",
        query: "{ unit(code: \"P01\") { leaderboard(programme: \"SK\", by: SUBMITTED, PAGE) RANKED } }",
    },
    List {
        at: "/unit/leaderboard",
        query: "{ unit(code: \"P01\") { leaderboard(programme: \"SK\", by: COMPLETION, PAGE) RANKED } }",
    },
    List { at: "/unit/officers", query: "{ unit(code: \"P01\") { officers(PAGE) GRANTS } }" },
];

impl List {
    async fn page(&self, reader: &Actor, arguments: &str) -> Reply {
        let shape = |of: &str| {
            format!(
                "{{ totalCount edges {{ cursor node {{ {of} }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}"
            )
        };
        let query = self.query.replace("PAGE", arguments).replace("NODES", &shape("key: id"));
        let query = query.replace("RANKED", &shape("unit { key: id }")).replace("GRANTS", &shape("key: id"));
        reader.query(&query, json!({})).await
    }

    /// All keys, page by page, with something done between the pages.
    async fn all(&self, reader: &Actor, backward: bool, size: usize, between: &mut impl AsyncFnMut()) -> Vec<String> {
        let (count, from, cursor, more) = match backward {
            false => ("first", "after", "endCursor", "hasNextPage"),
            true => ("last", "before", "startCursor", "hasPreviousPage"),
        };
        let mut keys: Vec<String> = Vec::new();
        let mut arguments = format!("{count}: {size}");
        loop {
            let reply = self.page(reader, &arguments).await.ok();
            let edges = reply.list(&format!("{}/edges", self.at));
            let info = reply.at(&format!("{}/pageInfo", self.at));
            let page: Vec<String> = edges.iter().map(|edge| key(&edge["node"])).collect();
            assert!(page.len() <= size);
            assert!(keys.len() < 300, "{} does not come to an end", self.query);
            assert_eq!(info["startCursor"], edges.first().map_or(Value::Null, |edge| edge["cursor"].clone()));
            assert_eq!(info["endCursor"], edges.last().map_or(Value::Null, |edge| edge["cursor"].clone()));
            match backward {
                false => keys.extend(page),
                true => keys = [page, keys].concat(),
            }
            if info[more] == json!(false) {
                return keys;
            }
            arguments = format!("{count}: {size}, {from}: {}", info[cursor]);
            between().await;
        }
    }
}

fn key(node: &Value) -> String {
    let key = node.get("key").unwrap_or_else(|| &node["unit"]["key"]);
    key.as_str().unwrap().to_owned()
}

/// A dozen units with initiatives of many amounts, some alike, and officers.
async fn fill(app: &TestApp, n: usize, from: usize) {
    let member = app.member_of("P01").await;
    let reviewer = app.reviewer_of(ROOT).await;
    let admin = app.admin_of("P01").await;
    app.analyst_of("P01").await;
    for i in from..from + n {
        let unit = format!("Z{:02}", i * 7 % 100);
        app.plant(&[(&unit, "GRASSROOTS_UNION", "P01")]).await;
        let title = ["May áo", "May quần", "Máy may"][i % 3];
        let sent = member.send_in(&unit, json!({ "title": title, "claimedBenefit": i % 4 * 1_000 })).await;
        if i % 2 == 0 {
            reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": i % 5 })).await.done();
            let target = json!({ "unit": unit, "programme": "SK", "kind": "REGISTERED", "value": 1 + i % 3 });
            admin.mutate("targetSet", target, "target { id }").await.done();
        }
    }
}

both!(
    async fn every_row_comes_once_forwards_and_backwards(app: &TestApp) {
        app.small_federation().await;
        fill(app, 11, 0).await;
        let reader = app.person(ROOT, &[(ROOT, entity::enums::Role::Admin)]).await;
        for list in LISTS {
            let nothing = &mut async || {};
            let whole = list.all(&reader, false, 100, nothing).await;
            let reply = list.page(&reader, "first: 1").await.ok();
            assert_eq!(reply.int(&format!("{}/totalCount", list.at)), whole.len() as i64, "{}", list.query);
            assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len(), "{}", list.query);
            assert!(whole.len() >= 3, "{} has too few rows to page", list.query);
            for size in [1, 3, 4] {
                assert_eq!(list.all(&reader, false, size, nothing).await, whole, "{} by {size}", list.query);
                assert_eq!(list.all(&reader, true, size, nothing).await, whole, "{} by {size} backwards", list.query);
            }
        }
    }
);

both!(
    async fn cursors_survive_what_is_added_between_pages(app: &TestApp) {
        app.small_federation().await;
        fill(app, 8, 0).await;
        let reader = app.person(ROOT, &[(ROOT, entity::enums::Role::Admin)]).await;
        let mut next = 8;
        for list in LISTS.iter().filter(|list| list.at != "/unit/leaderboard") {
            for backward in [false, true] {
                let before: BTreeSet<String> =
                    list.all(&reader, false, 100, &mut async || {}).await.into_iter().collect();
                let mut added = 0;
                let listed = list
                    .all(&reader, backward, 4, &mut async || {
                        // Two new rows, wherever in the order they fall.
                        if added < 2 {
                            fill(app, 1, next).await;
                            next += 1;
                            added += 1;
                        }
                    })
                    .await;
                let once: BTreeSet<String> = listed.iter().cloned().collect();
                assert_eq!(once.len(), listed.len(), "{} lists a row twice", list.query);
                assert!(before.is_subset(&once), "{} leaves a row out", list.query);
            }
        }
    }
);

both!(
    async fn a_page_between_two_cursors_is_what_lies_between(app: &TestApp) {
        app.small_federation().await;
        fill(app, 7, 0).await;
        let reader = app.person(ROOT, &[(ROOT, entity::enums::Role::Admin)]).await;
        for list in LISTS {
            let reply = list.page(&reader, "first: 100").await.ok();
            let edges = reply.list(&format!("{}/edges", list.at)).clone();
            let end = edges.len() - 1;
            for count in ["first", "last"] {
                let between = format!("{count}: 100, after: {}, before: {}", edges[0]["cursor"], edges[end]["cursor"]);
                let reply = list.page(&reader, &between).await.ok();
                let found: Vec<String> =
                    reply.list(&format!("{}/edges", list.at)).iter().map(|edge| key(&edge["node"])).collect();
                let expected: Vec<String> = edges[1..end].iter().map(|edge| key(&edge["node"])).collect();
                assert_eq!(found, expected, "{} {count}", list.query);
            }
        }
    }
);

both!(
    async fn a_page_has_one_size_and_a_cursor_of_its_own_list(app: &TestApp) {
        app.small_federation().await;
        fill(app, 2, 0).await;
        let reader = app.person(ROOT, &[(ROOT, entity::enums::Role::Admin)]).await;
        for list in LISTS {
            for arguments in [
                "first: 1, last: 1",
                "after: null",
                "first: 0",
                "first: 101",
                "last: -1",
                "first: 1, after: \"x\"",
                "first: 1, after: \"\"",
                "last: 1, before: \"W10\"",
            ] {
                let reply = list.page(&reader, arguments).await;
                assert_eq!(reply.codes(), ["BAD_USER_INPUT"], "{} {arguments}: {}", list.query, reply.body);
            }
        }
        let [by_name, backwards, ..] = LISTS;
        let reply = by_name.page(&reader, "first: 1").await.ok();
        let other = format!("first: 1, after: {}", reply.at("/units/pageInfo/endCursor"));
        assert_eq!(backwards.page(&reader, &other).await.codes(), ["BAD_USER_INPUT"]);
        let board = |by: &str, arguments: &str| {
            let list = format!("leaderboard(programme: \"SK\", by: {by}, {arguments}) {{ pageInfo {{ endCursor }} }}");
            format!("{{ unit(code: \"TLD\") {{ {list} }} }}")
        };
        let reply = reader.query(&board("APPROVED", "first: 1"), serde_json::json!({})).await.ok();
        let after = format!("first: 1, after: {}", reply.at("/unit/leaderboard/pageInfo/endCursor"));
        for by in ["COMPLETION", "VERIFIED_BENEFIT"] {
            let reply = reader.query(&board(by, &after), serde_json::json!({})).await;
            assert_eq!(reply.codes(), ["BAD_USER_INPUT"], "{by}");
        }
        reader.query(&board("APPROVED", &after), serde_json::json!({})).await.ok();
    }
);

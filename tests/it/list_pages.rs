//! Lists at a size at which it matters: all ways to a list lead to the same rows, each of which pages tell once and in order.

use banyan::access::Viewer;
use banyan::initiative::{self, InitiativeFilter, InitiativeOrder, Of};
use banyan::page::PageArgs;
use banyan::programme::{Days, Slice};
use chrono::NaiveDate;
use entity::enums::InitiativeState;
use serde_json::json;

use crate::list_plans::{build, first, slice};
use crate::support::{ROOT, both};

both!(
    async fn pages_of_a_large_list_tell_every_row_once_and_in_order(app: &TestApp) {
        build(app).await;
        let top = app.analyst_of(ROOT).await;
        let viewer = Viewer::of(banyan::graphql::account_id(top.id()).unwrap());
        // So many lists take longer together than an operation may.
        let store = app.app.store.background(&app.app.config).await.unwrap();
        let tx = store.read().await.unwrap();
        let owner = tx.ids(tx.sql("SELECT id FROM unit WHERE code = 'P01'")).await.unwrap()[0];
        let inside = format!("unit_id IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id = {owner})");
        let filter = |search: Option<&str>, order| InitiativeFilter {
            search: search.map(str::to_owned),
            order: Some(order),
            ..InitiativeFilter::of(Of::Unit)
        };
        let cases = [
            (filter(None, InitiativeOrder::SubmittedAtDesc), "TRUE", "submitted_at DESC, code"),
            (filter(None, InitiativeOrder::SubmittedAtAsc), "TRUE", "submitted_at, code"),
            (filter(None, InitiativeOrder::VerifiedBenefitDesc), "TRUE", "verified_benefit DESC, code"),
            // What a filter finds by an index of its own.
            (
                InitiativeFilter { slice: slice(Some("1"), None), ..filter(None, InitiativeOrder::SubmittedAtDesc) },
                "TRUE",
                "submitted_at DESC, code",
            ),
            (
                InitiativeFilter { slice: slice(None, Some("B")), ..filter(None, InitiativeOrder::SubmittedAtAsc) },
                "id % 50 = 7",
                "submitted_at, code",
            ),
            (
                InitiativeFilter { slice: slice(None, Some("B")), ..filter(None, InitiativeOrder::TitleAsc) },
                "id % 50 = 7",
                "title_sort, code",
            ),
            (
                InitiativeFilter { verified_over: Some(4_998), ..filter(None, InitiativeOrder::SubmittedAtDesc) },
                "state = 'APPROVED' AND verified_benefit > 4998",
                "submitted_at DESC, code",
            ),
            (
                InitiativeFilter {
                    states: Some(vec![InitiativeState::Rejected]),
                    verified_over: None,
                    ..filter(None, InitiativeOrder::ClaimedBenefitDesc)
                },
                "state = 'REJECTED'",
                "claimed_benefit DESC, code",
            ),
            (
                InitiativeFilter {
                    states: Some(vec![InitiativeState::Revoked]),
                    ..filter(None, InitiativeOrder::TitleAsc)
                },
                "state = 'REVOKED'",
                "title_sort, code",
            ),
            // Rare words, so that the walk gives up; and some that many have.
            (
                filter(Some("may 10"), InitiativeOrder::ClaimedBenefitDesc),
                "title_folded LIKE '% 10%'",
                "id % 3 <> 1, claimed_benefit DESC, code",
            ),
            (
                filter(Some("máy 100"), InitiativeOrder::TitleAsc),
                "title_folded LIKE '% 100%'",
                "id % 3 = 1, title_sort, code",
            ),
            // Words that have little together.
            (
                filter(Some("c t m 100"), InitiativeOrder::ClaimedBenefitDesc),
                "title_folded LIKE '% 100%'",
                "claimed_benefit DESC, code",
            ),
            (filter(Some("cai"), InitiativeOrder::SubmittedAtDesc), "TRUE", "id % 3 <> 1, submitted_at DESC, code"),
            (
                InitiativeFilter {
                    states: Some(vec![InitiativeState::Rejected, InitiativeState::Submitted]),
                    ..filter(None, InitiativeOrder::TitleAsc)
                },
                "state IN ('REJECTED', 'SUBMITTED')",
                "title_sort, code",
            ),
            // Words that very many titles have, of which the filter leaves little: a walk that ends pages before they are full.
            (
                InitiativeFilter { verified_over: Some(4_990), ..filter(Some("cai"), InitiativeOrder::TitleAsc) },
                "state = 'APPROVED' AND verified_benefit > 4990",
                "id % 3 <> 1, title_sort, code",
            ),
            // Codes: few, and many; and words that none has in both of its parts.
            (filter(Some("i-12"), InitiativeOrder::TitleAsc), "code LIKE 'I-12%'", "title_sort, code"),
            (filter(Some("i-12"), InitiativeOrder::SubmittedAtAsc), "code LIKE 'I-12%'", "submitted_at, code"),
            (filter(Some("i-1"), InitiativeOrder::SubmittedAtDesc), "code LIKE 'I-1%'", "submitted_at DESC, code"),
            (filter(Some("I_123 12"), InitiativeOrder::TitleAsc), "code LIKE 'I-123%'", "title_sort, code"),
            (filter(Some("12 13"), InitiativeOrder::SubmittedAtDesc), "id = 0", "id"),
            // Words whose class ends within a page, and a word that titles and codes have.
            (
                filter(Some("tiến 1000"), InitiativeOrder::SubmittedAtDesc),
                "title_folded LIKE '% 1000%'",
                "id % 3 = 1, submitted_at DESC, code",
            ),
            (
                filter(Some("1003"), InitiativeOrder::SubmittedAtDesc),
                "(title_folded LIKE '% 1003%' OR code LIKE 'I-1003%')",
                "CASE WHEN title_folded LIKE '% 1003%' THEN 0 ELSE 1 END, submitted_at DESC, code",
            ),
            (
                filter(Some("máy 77"), InitiativeOrder::SubmittedAtDesc),
                "title_folded LIKE '% 77%'",
                "id % 3 = 1, submitted_at DESC, code",
            ),
            (
                filter(Some("may 100"), InitiativeOrder::SubmittedAtAsc),
                "title_folded LIKE '% 100%'",
                "id % 3 <> 1, submitted_at, code",
            ),
            (
                InitiativeFilter {
                    slice: Slice {
                        during: Some(Days {
                            from: NaiveDate::from_ymd_opt(1970, 3, 1),
                            to: NaiveDate::from_ymd_opt(1970, 9, 30),
                        }),
                        ..Slice::default()
                    },
                    ..filter(Some("tiến"), InitiativeOrder::SubmittedAtDesc)
                },
                "submitted_at >= 5097600000 AND submitted_at < 23587200000",
                "id % 3 = 1, submitted_at DESC, code",
            ),
        ];
        for (filter, wanted, order) in cases {
            let text = format!("SELECT id FROM initiative WHERE {inside} AND {wanted} ORDER BY {order}");
            let expected = tx.ids(tx.sql(text)).await.unwrap();
            let counted = initiative::counts(&tx, viewer, &filter, &[owner]).await.unwrap()[&owner];
            assert_eq!(counted as usize, expected.len(), "{filter:?}");
            let (mut found, mut after) = (Vec::new(), None);
            // The first pages, of a size that no page of the list divides.
            while found.len() < expected.len().min(700) {
                let page = initiative::pages(&tx, viewer, &filter, &[owner], &first(97, after)).await.unwrap();
                let page = &page[&owner];
                found.extend(page.edges.iter().map(|edge| edge.node.id));
                let last = page.edges.last().map(|edge| edge.cursor.clone());
                // A search that stopped where it had looked far enough cannot tell whether there is more.
                after = page.until.as_ref().map(|until| until.cursor.clone()).or(last);
                let more = found.len() < expected.len();
                assert!(page.has_next == more || (page.has_next && page.until.is_some()), "{filter:?}");
                if !page.has_next {
                    break;
                }
            }
            assert_eq!(found, expected[..found.len()], "{filter:?}");
            let (mut found, mut before) = (Vec::new(), None);
            loop {
                let back = PageArgs { last: Some(97), before, ..PageArgs::default() };
                let page = initiative::pages(&tx, viewer, &filter, &[owner], &back).await.unwrap();
                let page = &page[&owner];
                found.splice(..0, page.edges.iter().map(|edge| edge.node.id));
                let Some(until) = &page.until else { break };
                assert!(page.has_previous, "{filter:?}");
                before = Some(until.cursor.clone());
            }
            assert!(found.len() >= expected.len().min(97), "{filter:?} from the end");
            assert_eq!(found, expected[expected.len() - found.len()..], "{filter:?} from the end");
        }
    }
);

both!(
    async fn a_search_that_has_looked_far_enough_says_where_to_go_on(app: &TestApp) {
        build(app).await;
        let top = app.analyst_of(ROOT).await;
        let viewer = Viewer::of(banyan::graphql::account_id(top.id()).unwrap());
        // So many lists take longer together than an operation may.
        let store = app.app.store.background(&app.app.config).await.unwrap();
        let tx = store.read().await.unwrap();
        // Both words are in most spans of time, and in no title together.
        let filter = InitiativeFilter { search: Some("10 11".to_owned()), ..InitiativeFilter::of(Of::All) };
        for backward in [false, true] {
            let (mut pages, mut cursor) = (0, None);
            loop {
                let args = match backward {
                    false => first(20, cursor),
                    true => PageArgs { last: Some(20), before: cursor, ..PageArgs::default() },
                };
                let page = initiative::pages(&tx, viewer, &filter, &[0], &args).await.unwrap();
                let page = &page[&0];
                pages += 1;
                assert!(page.edges.is_empty() && pages < 20);
                let more = if backward { page.has_previous } else { page.has_next };
                assert_eq!(more, page.until.is_some());
                let Some(until) = &page.until else { break };
                assert_eq!(until.backward, backward);
                cursor = Some(until.cursor.clone());
            }
            assert!(pages > 1);
        }
        // A word that is nowhere is known to be nowhere at once.
        let filter = InitiativeFilter { search: Some("10 zzz".to_owned()), ..filter };
        let page = initiative::pages(&tx, viewer, &filter, &[0], &first(20, None)).await.unwrap();
        assert!(page[&0].edges.is_empty() && page[&0].until.is_none() && !page[&0].has_next);
        // The same from outside.
        let reply = top
            .query(
                "{ initiatives(search: \"10 11\", first: 5) { nodes { id } pageInfo { hasNextPage endCursor } } }",
                json!({}),
            )
            .await
            .ok();
        assert_eq!(reply.at("/initiatives/pageInfo/hasNextPage"), &json!(true));
        assert!(!reply.text("/initiatives/pageInfo/endCursor").is_empty());
        let unknown = "{ initiatives(programme: \"SK\", slice: { group: [\"NO-SUCH\"] }, first: 5) { nodes { id } } }";
        assert_eq!(top.query(unknown, json!({})).await.codes(), ["BAD_USER_INPUT"]);
    }
);

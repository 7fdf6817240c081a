//! Lists at a size at which it matters: all ways to a list lead to the same rows, each of which pages tell once and in order.

use banyan::access::Viewer;
use banyan::initiative::{self, InitiativeFilter, InitiativeOrder, Of};
use banyan::page::PageArgs;
use banyan::programme::{Days, Slice};
use chrono::NaiveDate;
use entity::enums::InitiativeState;

use crate::list_plans::{build, first, slice};
use crate::support::{ROOT, both};

both!(
    async fn pages_of_a_large_list_tell_every_row_once_and_in_order(app: &TestApp) {
        build(app).await;
        let top = app.analyst_of(ROOT).await;
        let viewer = Viewer::of(banyan::graphql::account_id(top.id()).unwrap());
        let tx = app.app.store.read().await.unwrap();
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
            (filter(Some("cai"), InitiativeOrder::SubmittedAtDesc), "TRUE", "id % 3 <> 1, submitted_at DESC, code"),
            (
                InitiativeFilter {
                    states: Some(vec![InitiativeState::Rejected, InitiativeState::Submitted]),
                    ..filter(None, InitiativeOrder::TitleAsc)
                },
                "state IN ('REJECTED', 'SUBMITTED')",
                "title_sort, code",
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

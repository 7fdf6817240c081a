//! Lists at a size at which it matters: no statement of theirs scans a large table, on either database.

use banyan::access::{Roles, Viewer};
use banyan::account;
use banyan::audit;
use banyan::initiative::{self, InitiativeFilter, InitiativeOrder, Of};
use banyan::page::PageArgs;
use banyan::programme::{ResolvedSlice, Slice};
use banyan::rollup::{self, Lens, View};
use banyan::store::{Dialect, Tx};
use banyan::unit::{self, UnitFilter, UnitOrder, Within};
use chrono_tz::Tz;
use entity::enums::{InitiativeState, UnitKind};
use serde_json::{Value, json};

use crate::access::sql;
use crate::support::{ROOT, TestApp, both};

/// A province P01 with districts of 30 unions each, half of all; a district D1 and a union U1 in it; 40,000 initiatives.
pub async fn build(app: &TestApp) {
    app.plant(&[("P01", "PROVINCIAL_FEDERATION", ROOT), ("P02", "PROVINCIAL_FEDERATION", ROOT)]).await;
    app.programme().await;
    let tx = app.app.store.read().await.unwrap();
    let postgres = tx.dialect == Dialect::Postgres;
    let id = async |text: &str| tx.ids(tx.sql(text)).await.unwrap()[0];
    let (root, p01, p02) = (
        id("SELECT id FROM unit WHERE parent_id IS NULL").await,
        id("SELECT id FROM unit WHERE code = 'P01'").await,
        id("SELECT id FROM unit WHERE code = 'P02'").await,
    );
    let programme = id("SELECT id FROM programme").await;
    let phase = id("SELECT id FROM phase WHERE code = '1'").await;
    let group = id("SELECT id FROM participant_group WHERE code = 'A'").await;
    let small = id("SELECT id FROM participant_group WHERE code = 'B'").await;
    let account = id("SELECT id FROM account ORDER BY id LIMIT 1").await;
    drop(tx);
    let series = |n: i64| match postgres {
        true => format!("generate_series(1, {n}) AS s (n)"),
        false => format!(
            "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {n}) SELECT n FROM s) s"
        ),
    };
    let (blob, no) = if postgres { ("convert_to", "FALSE") } else { ("", "0") };
    let bytes = |text: &str| if postgres { format!("{blob}({text}, 'UTF8')") } else { format!("CAST({text} AS BLOB)") };
    // Districts have ids from 1,000 on, unions from 10,000 on.
    let units = |from: i64, n: i64, letter: &str, kind: &str, parent: &str, depth: i64, cells: bool| {
        let name = format!("'{kind} ' || (s.n * 7919 % 10007)");
        format!(
            "INSERT INTO unit (id, code, name, name_lower, name_folded, name_sort, kind, parent_id, depth, has_cells, created_at) \
             SELECT {from} + s.n, '{letter}' || s.n, {name}, lower({name}), lower({name}), {}, '{kind}', {parent}, {depth}, {}, 0 FROM {}",
            bytes(&format!("lower({name})")),
            if postgres { cells.to_string() } else { i64::from(cells).to_string() },
            series(n)
        )
    };
    sql(
        app,
        &units(
            1_000,
            100,
            "D",
            "DISTRICT_FEDERATION",
            &format!("CASE WHEN s.n <= 50 THEN {p01} ELSE {p02} END"),
            2,
            true,
        ),
    )
    .await;
    sql(app, &units(10_000, 3_000, "U", "GRASSROOTS_UNION", "1001 + (s.n - 1) / 30", 3, false)).await;
    for (ancestor, distance, wanted) in [
        ("u.id".to_owned(), "0", "u.id BETWEEN 1000 AND 20000"),
        ("u.parent_id".to_owned(), "1", "u.id BETWEEN 1000 AND 20000"),
        ("(SELECT d.parent_id FROM unit d WHERE d.id = u.parent_id)".to_owned(), "2", "u.id BETWEEN 1000 AND 20000"),
        (root.to_string(), "3", "u.id BETWEEN 10000 AND 20000"),
    ] {
        let rows = format!("SELECT {ancestor}, u.id, {distance}, 0 FROM unit u WHERE {wanted}");
        sql(app, &format!("INSERT INTO unit_closure (ancestor_id, descendant_id, distance, since) {rows}")).await;
    }
    let title = "CASE WHEN s.n % 3 = 0 THEN 'Cai tien may ' ELSE 'Cải tiến máy ' END || (s.n * 7919 % 1009)";
    let folded = "'cai tien may ' || (s.n * 7919 % 1009)";
    let state = "CASE s.n % 20 WHEN 0 THEN 'SUBMITTED' WHEN 1 THEN 'REJECTED' ELSE 'APPROVED' END";
    // Not all in one statement: it may not take long.
    for part in 0..8 {
        let rows = format!(
            "INSERT INTO initiative (id, code, programme_id, phase_id, group_id, unit_id, first_author_id, solution, title, title_lower, \
             title_folded, title_sort, state, version, applied_on, claimed_benefit, benefit_not_computable, verified_benefit, counted_claim, \
             counted_opaque, submitted_at, created_at) SELECT 100000 + s.n, 'I-' || s.n, {programme}, {phase}, \
             CASE WHEN s.n % 50 = 7 THEN {small} ELSE {group} END, \
             10001 + (s.n * 31 % 3000), {account}, 'TECHNICAL', {title}, lower({title}), {folded}, {}, {state}, 3, '2025-06-01', \
             s.n * 97 % 5000, {no}, s.n * 97 % 5000, 0, {no}, CAST(s.n * 7 % 40009 AS BIGINT) * 3000000, 0 FROM {} WHERE s.n % 8 = {part}",
            bytes(folded),
            series(40_000)
        );
        sql(app, &rows).await;
    }
    for (unit, n) in [(root, 40_000), (p01, 20_000), (p02, 20_000), (1001, 400)] {
        for (phase, group, n) in [(0, 0, n), (phase, 0, n), (0, group, n * 49 / 50), (0, small, n / 50)] {
            let row = format!("{unit}, {programme}, {phase}, {group}, '', 0, 0, {n}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0");
            sql(app, &format!("INSERT INTO rollup_cell SELECT {row}")).await;
        }
    }
    sql(app, "ANALYZE").await;
}

const LARGE: [&str; 7] =
    ["initiative", "initiative_event", "unit", "unit_closure", "participant", "initiative_text", "title_word"];

/// What is wrong with the plans: scans of a large table that no index bounds or orders.
fn scans(tx: &Tx) -> Vec<String> {
    let postgres = |line: &str| {
        LARGE.iter().any(|table| {
            line.contains(&format!("Seq Scan on {table} ")) || line.ends_with(&format!("Seq Scan on {table}"))
        })
    };
    let mut found = Vec::new();
    // What a part of the statement made under an alias, and may be read whole.
    let mut made: Vec<String> = Vec::new();
    for line in tx.plans() {
        let bad = match (tx.dialect, line.strip_prefix("SCAN ")) {
            (Dialect::Postgres, _) => postgres(&line),
            (Dialect::Sqlite, Some(alias)) => match made.iter().position(|part| part == alias) {
                Some(part) => {
                    made.swap_remove(part);
                    false
                }
                // The large ones go by these.
                None => ["i", "u", "w", "t", "s", "b"].contains(&alias) || LARGE.contains(&alias),
            },
            (Dialect::Sqlite, None) => {
                let part = line.strip_prefix("CO-ROUTINE ").or(line.strip_prefix("MATERIALIZE "));
                made.extend(part.map(str::to_owned));
                false
            }
        };
        if bad {
            found.push(line);
        }
    }
    found
}

pub fn first(n: i32, after: Option<String>) -> PageArgs {
    PageArgs { first: Some(n), after, last: None, before: None }
}

pub fn slice(phase: Option<&str>, group: Option<&str>) -> Slice {
    let list = |code: Option<&str>| code.map(|code| vec![code.to_owned()]);
    Slice { phase: list(phase), group: list(group), ..Slice::default() }
}

fn filters() -> Vec<InitiativeFilter> {
    let all = || InitiativeFilter::of(Of::Unit);
    let mut found = Vec::new();
    for order in [
        InitiativeOrder::SubmittedAtDesc,
        InitiativeOrder::SubmittedAtAsc,
        InitiativeOrder::ClaimedBenefitDesc,
        InitiativeOrder::VerifiedBenefitDesc,
        InitiativeOrder::TitleAsc,
    ] {
        let plain = InitiativeFilter { order: Some(order), ..all() };
        let words = |text: &str| InitiativeFilter { search: Some(text.to_owned()), ..plain.clone() };
        found.extend([words("may 100"), words("cải tiến"), words("i-1234"), words("i-1"), words("khong co")]);
        found.push(InitiativeFilter { states: Some(vec![InitiativeState::Rejected]), ..plain.clone() });
        let both = vec![InitiativeState::Rejected, InitiativeState::Returned];
        found.push(InitiativeFilter { states: Some(both), ..plain.clone() });
        found.push(InitiativeFilter { verified_over: Some(4_990), ..plain.clone() });
        found.push(InitiativeFilter { slice: slice(Some("1"), None), ..plain.clone() });
        found.push(InitiativeFilter { slice: slice(None, Some("B")), ..plain.clone() });
        found.push(plain);
    }
    found
}

both!(
    async fn no_list_scans_a_large_table(app: &TestApp) {
        build(app).await;
        let top = app.analyst_of(ROOT).await;
        let below = app.analyst_of("P01").await;
        let mut wrong = Vec::new();
        // So many lists take longer together than an operation may.
        let store = app.app.store.background(&app.app.config).await.unwrap();
        for (actor, unit) in [(&top, ROOT), (&top, "P01"), (&top, "D1"), (&top, "U1"), (&below, "P01"), (&below, ROOT)]
        {
            let viewer = Viewer::of(banyan::graphql::account_id(actor.id()).unwrap());
            let tx = store.read().await.unwrap();
            let owner = tx.ids(tx.sql(format!("SELECT id FROM unit WHERE code = '{unit}'"))).await.unwrap()[0];
            if tx.dialect == Dialect::Postgres {
                // At this size it may rightly prefer to scan where an index would do; it is asked whether one would.
                tx.run_plain("SET LOCAL enable_seqscan = off").await.unwrap();
            }
            tx.keep_plans();
            for filter in filters() {
                let page = initiative::pages(&tx, viewer, &filter, &[owner], &first(20, None)).await.unwrap();
                let after = page[&owner].edges.last().map(|edge| edge.cursor.clone());
                initiative::pages(&tx, viewer, &filter, &[owner], &first(20, after)).await.unwrap();
                initiative::counts(&tx, viewer, &filter, &[owner]).await.unwrap();
                wrong.extend(scans(&tx).into_iter().map(|line| format!("{unit} {filter:?}: {line}")));
            }
            for search in [None, Some("federation 77"), Some("u12")] {
                for order in [UnitOrder::NameAsc, UnitOrder::NameDesc, UnitOrder::CodeAsc, UnitOrder::CodeDesc] {
                    for kinds in [None, Some(vec![UnitKind::DistrictFederation])] {
                        let search = search.map(str::to_owned);
                        let filter =
                            UnitFilter { within: Within::Below, kinds, search, order: Some(order), as_of: None };
                        let page = unit::pages(&tx, viewer, &filter, &[owner], &first(20, None)).await.unwrap();
                        let after = page[&owner].edges.last().map(|edge| edge.cursor.clone());
                        unit::pages(&tx, viewer, &filter, &[owner], &first(20, after)).await.unwrap();
                        unit::counts(&tx, viewer, &filter, &[owner]).await.unwrap();
                        wrong.extend(scans(&tx).into_iter().map(|line| format!("{unit} {filter:?}: {line}")));
                    }
                }
            }
        }
        wrong.dedup();
        assert!(wrong.is_empty(), "{} scans:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
    }
);

both!(
    async fn what_stands_behind_a_large_number_is_found_along_the_order(app: &TestApp) {
        build(app).await;
        let viewer = Viewer::of(banyan::graphql::account_id(app.analyst_of(ROOT).await.id()).unwrap());
        let tx = app.app.store.read().await.unwrap();
        if tx.dialect == Dialect::Postgres {
            tx.run_plain("SET LOCAL enable_seqscan = off").await.unwrap();
        }
        let id = async |text: &str| tx.ids(tx.sql(text)).await.unwrap()[0];
        let programme = id("SELECT id FROM programme").await;
        let group = id("SELECT id FROM participant_group WHERE code = 'B'").await;
        let view = |groups| View::present(ResolvedSlice { groups, ..ResolvedSlice::default() }, Tz::UTC);
        for (unit, groups) in [(ROOT, None), ("P01", None), (ROOT, Some(vec![group])), ("D1", None)] {
            let owner = id(&format!("SELECT id FROM unit WHERE code = '{unit}'")).await;
            let filter = InitiativeFilter {
                states: Some(vec![InitiativeState::Approved]),
                slice: slice(None, groups.as_ref().map(|_| "B")),
                ..InitiativeFilter::of(Of::Unit)
            };
            let view = view(groups);
            let (mut after, mut cursor) = (None, None);
            tx.keep_plans();
            for _ in 0..3 {
                let args = first(20, cursor.take());
                let (units, measure) = ([owner], rollup::Measure::Approved);
                let pages = rollup::explained(&tx, viewer, programme, &view, &units, measure, &args).await;
                let page = pages.unwrap().remove(&owner).unwrap();
                let list = initiative::pages(&tx, viewer, &filter, &[owner], &first(20, after.take())).await.unwrap();
                let told: Vec<&str> = page.edges.iter().map(|edge| edge.node.row.code.as_str()).collect();
                let listed: Vec<&str> = list[&owner].edges.iter().map(|edge| edge.node.code.as_str()).collect();
                assert_eq!((told.len(), page.has_next), (20, true), "{unit}");
                assert_eq!(told, listed, "{unit}");
                cursor = page.edges.last().map(|edge| edge.cursor.clone());
                after = list[&owner].edges.last().map(|edge| edge.cursor.clone());
            }
        }
        let wrong = scans(&tx);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
);

both!(
    async fn whoever_reads_little_is_told_what_stands_behind_a_number_as_reported(app: &TestApp) {
        build(app).await;
        let field = "rollup(programme: \"SK\", structure: AS_REPORTED) { submitted initiatives(first: 30) { totalCount hiddenCount nodes { code } } }";
        let tx = app.app.store.read().await.unwrap();
        let below = async |unit: &str| {
            let these =
                format!("c.ancestor_id = (SELECT id FROM unit WHERE code = '{unit}') AND c.descendant_id = i.unit_id");
            let count = format!(
                "SELECT COUNT(*) AS id FROM initiative i JOIN unit_closure c ON {these} WHERE i.submitted_at IS NOT NULL"
            );
            tx.ids(tx.sql(count)).await.unwrap()[0]
        };
        let units = [(ROOT, below(ROOT).await), ("P01", below("P01").await)];
        for (actor, read) in [(app.analyst_of("D2").await, below("D2").await), (app.anonymous(), 0)] {
            for (unit, all) in units {
                let told = actor.query(&format!("{{ unit(code: \"{unit}\") {{ {field} }} }}"), json!({})).await.ok();
                let found = told.at("/unit/rollup/initiatives");
                assert_eq!(told.int("/unit/rollup/submitted"), all, "{unit}");
                assert_eq!((&found["totalCount"], &found["hiddenCount"]), (&json!(all), &json!(all - read)), "{unit}");
                assert_eq!(found["nodes"].as_array().unwrap().len() as i64, read.min(30), "{unit}");
            }
        }
    }
);

both!(
    async fn what_is_of_a_kind_is_looked_for_below_the_unit_in_any_tree(app: &TestApp) {
        build(app).await;
        let tx = app.app.store.read().await.unwrap();
        let id = async |text: &str| tx.ids(tx.sql(text)).await.unwrap()[0];
        let (root, programme) =
            (id("SELECT id FROM unit WHERE parent_id IS NULL").await, id("SELECT id FROM programme").await);
        let slice = ResolvedSlice { kinds: Some(vec![UnitKind::GrassrootsUnion]), ..ResolvedSlice::default() };
        tx.keep_plans();
        for lens in [Lens::At(app.app.now()), Lens::Reported] {
            let view = View { lens, ..View::present(slice.clone(), Tz::UTC) };
            rollup::of(&tx, programme, &view, &[root]).await.unwrap();
        }
        // SQLite would begin with all units of the kind, and go through everything below the root for each.
        let plans = tx.plans();
        assert!(!plans.is_empty());
        let begun: Vec<&String> =
            plans.iter().filter(|line| line.contains("AUTOMATIC") && line.contains("(ancestor_id=?)")).collect();
        assert!(begun.is_empty(), "{plans:#?}");
    }
);

both!(
    async fn a_token_of_one_district_finds_its_place_as_its_owner_does(app: &TestApp) {
        build(app).await;
        let owner = app.reviewer_of(ROOT).await;
        let token = app.api_token(&owner, Roles::ALL, Some("D1")).await;
        let query = "{ unit(code: \"TLD\") { children(first: 40) { nodes { code children(first: 40) { nodes { code children(first: 40) { nodes { code } } } } } } } }";
        let told = token.query(query, json!({})).await.ok();
        let provinces = told.list("/unit/children/nodes");
        let found: Vec<&Value> = provinces.iter().filter(|unit| unit["children"]["nodes"] != json!([])).collect();
        assert_eq!(found.len(), 1, "{}", told.body);
        assert_eq!(found[0]["children"]["nodes"].as_array().unwrap().len(), 1);
        assert_eq!(found[0]["children"]["nodes"][0]["children"]["nodes"].as_array().unwrap().len(), 30);
    }
);

both!(
    async fn no_door_looks_up_beforehand_what_a_viewer_may_see(app: &TestApp) {
        build(app).await;
        let author = app.analyst_of(ROOT).await;
        let viewer = Viewer::of(banyan::graphql::account_id(author.id()).unwrap());
        let account = viewer.id_or_zero();
        let rows = format!("SELECT i.id, {account}, 2, 50 FROM initiative i WHERE i.id % 2 = 0");
        sql(app, &format!("INSERT INTO initiative_author (initiative_id, account_id, position, share) {rows}")).await;
        sql(app, "ANALYZE").await;
        let tx = app.app.store.read().await.unwrap();
        tx.keep_plans();
        let (id, codes) = ([100_007], ["I-7".to_owned(), "I-9".to_owned()]);
        assert_eq!(initiative::seen(&tx, viewer, &id).await.unwrap().len(), 1);
        assert_eq!(initiative::seen_by_code(&tx, viewer, &codes).await.unwrap().len(), 2);
        for accounts in [[account].as_slice(), &[account, 1]] {
            assert_eq!(account::named(&tx, viewer, accounts).await.unwrap().len(), 1);
            account::with_contact(&tx, viewer, accounts).await.unwrap();
            account::officers(&tx, viewer, accounts).await.unwrap();
            account::actors(&tx, viewer, accounts).await.unwrap();
        }
        let units = ["U1".to_owned(), "D1".to_owned()];
        assert_eq!(unit::seen_by_code(&tx, viewer, &units).await.unwrap().len(), 2);
        assert_eq!(unit::faces_by_code(&tx, viewer, &units).await.unwrap().len(), 2);
        audit::by_id(&tx, viewer, &[1, 2]).await.unwrap();
        account::grants_by_id(&tx, viewer, &[1, 2]).await.unwrap();
        let plans = tx.plans();
        assert!(plans.len() > 20);
        let hashed: Vec<&String> = plans.iter().filter(|line| line.contains("hashed")).collect();
        assert!(hashed.is_empty(), "{hashed:#?}");
    }
);

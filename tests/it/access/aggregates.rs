//! What shows of a programme's aggregates outside one's scope: the sums, and never what they are made of.

use serde_json::{Value, json};

use super::{Cast, Who};
use crate::support::both;

const SUMS: &str =
    "submitted pending returned approved rejected revoked claimedBenefit verifiedBenefit benefitNotComputable
    participants target(kind: REGISTERED) registeredBelow completion(kind: REGISTERED) { numerator target ratio }
    unitsOverTarget { over withTarget total } breakdown(by: [PHASE]) { submitted participants keys { value } }
    states: breakdown(by: [STATE]) { submitted } levels: breakdown(by: [LEVEL]) { submitted }";

both!(
    async fn down_to_the_public_level_strangers_see_the_same_sums(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        let query = format!("{{ unit(code: \"P01\") {{ rollup(programme: \"SK\") {{ {SUMS} }} targets(programme: \"SK\") {{ value }}
        ranking(programme: \"SK\") {{ rank of amount gapToNext }} }}
        unit_root: unit(code: \"TLD\") {{ leaderboard(programme: \"SK\", first: 9) {{ nodes {{ unit {{ code }} rank amount }} }}
        rollup(programme: \"SK\") {{ breakdown(by: [CHILD]) {{ submitted unit {{ code }} }} }} }} }}");
        let inside = cast.get(Who::Top).query(&query, json!({})).await.ok();
        assert_eq!(inside.int("/unit/rollup/approved"), 2);
        assert_eq!(inside.list("/unit_root/leaderboard/nodes").len(), 3);
        for who in [Who::Nobody, Who::Member, Who::SiblingMember, Who::SiblingAdmin, Who::Operator] {
            let outside = cast.get(who).query(&query, json!({})).await.ok();
            assert_eq!(outside.body["data"], inside.body["data"], "{who:?}");
        }
    }
);

both!(
    async fn what_the_sums_are_made_of_stays_inside(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        let query = "{ unit(code: \"P01\") { rollup(programme: \"SK\") {
        two: breakdown(by: [PHASE, GROUP]) { submitted } deep: breakdown(by: [CHILD, STATE]) { submitted }
        below: breakdown(by: [CHILD]) { submitted } }
        leaderboard(programme: \"SK\", first: 9) { totalCount }
        all: leaderboard(programme: \"SK\", depth: DESCENDANTS, first: 9) { totalCount }
        initiatives(first: 9) { totalCount nodes { id } edges { cursor } }
        descendants(first: 9) { totalCount nodes { id } } officers(first: 9) { totalCount } }
        unit_root: unit(code: \"TLD\") { all: leaderboard(programme: \"SK\", depth: DESCENDANTS, first: 9) { totalCount } } }";
        let nothing = json!({
            "unit": { "rollup": { "two": [], "deep": [], "below": [] }, "leaderboard": null, "all": null,
                      "initiatives": { "totalCount": 0, "nodes": [], "edges": [] }, "descendants": { "totalCount": 0, "nodes": [] },
                      "officers": { "totalCount": 0 } },
            "unit_root": { "all": null },
        });
        for who in [Who::Nobody, Who::SiblingMember, Who::SiblingReviewer, Who::SiblingAdmin] {
            assert_eq!(cast.get(who).query(query, json!({})).await.ok().body["data"], nothing, "{who:?}");
        }
        let inside = cast.get(Who::Analyst).query(query, json!({})).await.ok();
        for part in ["two", "deep", "below"] {
            assert!(!inside.list(&format!("/unit/rollup/{part}")).is_empty(), "{part}");
        }
        assert_eq!(inside.int("/unit/leaderboard/totalCount"), 4);
        assert!(inside.int("/unit/initiatives/totalCount") > 0);
    }
);

both!(
    async fn a_subtree_programme_shows_nothing_outside_ones_scope(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        let query =
            "{ unit(code: \"P01\") { rollup(programme: \"RIENG\") { submitted } ranking(programme: \"RIENG\") { of }
        leaderboard(programme: \"RIENG\", first: 9) { totalCount } targets(programme: \"RIENG\") { value } } }";
        let nothing = json!({ "rollup": null, "ranking": null, "leaderboard": null, "targets": [] });
        for who in [Who::Nobody, Who::Author, Who::Member, Who::SiblingAdmin] {
            assert_eq!(cast.get(who).query(query, json!({})).await.ok().at("/unit"), &nothing, "{who:?}");
        }
        // In P01's scope all of it shows, but its rank among siblings whom one does not see.
        let reply = cast.get(Who::Analyst).query(query, json!({})).await.ok();
        assert_eq!(reply.at("/unit/ranking"), &Value::Null);
        assert_eq!(reply.int("/unit/leaderboard/totalCount"), 4);
        assert_eq!(reply.int("/unit/targets/0/value"), 10);
        assert_eq!(cast.get(Who::Operator).query(query, json!({})).await.ok().int("/unit/ranking/of"), 3);
    }
);

// A ranking shows where the whole cluster does, by whatever grants.
both!(
    async fn a_ranking_needs_its_whole_cluster(app: &TestApp) {
        use entity::enums::Role::Analyst;
        app.small_federation().await;
        let query = "{ unit(code: \"G1\") { ranking(programme: \"SK\") { of } } }";
        let one = app.person("G1", &[("G1", Analyst)]).await;
        assert_eq!(one.query(query, json!({})).await.ok().at("/unit/ranking"), &Value::Null);
        let all = app.person("G1", &[("G1", Analyst), ("G2", Analyst)]).await;
        assert_eq!(all.query(query, json!({})).await.ok().int("/unit/ranking/of"), 2);
    }
);

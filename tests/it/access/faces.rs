//! Which units exist for whom: one's scope, the faces of what stands above it, and what a programme makes public.

use serde_json::json;

use super::programme;
use crate::support::{Actor, ROOT, TestApp, both};

const ALL: [&str; 6] = [ROOT, "P01", "P02", "G1", "G2", "G3"];

/// Codes of the units that exist for the actor.
async fn seen(actor: &Actor) -> Vec<&'static str> {
    let mut seen = Vec::new();
    for code in ALL {
        let reply =
            actor.query("query($code: String!) { unit(code: $code) { code } }", json!({ "code": code })).await.ok();
        if !reply.at("/unit").is_null() {
            seen.push(code);
        }
    }
    seen
}

async fn children(actor: &Actor, code: &str) -> Vec<String> {
    let query = "query($code: String!) { unit(code: $code) { children(first: 50, orderBy: CODE_ASC) { totalCount nodes { code } } } }";
    let reply = actor.query(query, json!({ "code": code })).await.ok();
    let codes = reply.texts("/unit/children/nodes", "code");
    assert_eq!(reply.int("/unit/children/totalCount"), codes.len() as i64);
    codes
}

async fn tree(app: &TestApp) {
    app.plant(&[
        ("P01", "PROVINCIAL_FEDERATION", ROOT),
        ("P02", "PROVINCIAL_FEDERATION", ROOT),
        ("G1", "GRASSROOTS_UNION", "P01"),
        ("G2", "GRASSROOTS_UNION", "P01"),
        ("G3", "GRASSROOTS_UNION", "P02"),
    ])
    .await;
}

both!(
    async fn without_programmes_only_ones_scope_and_what_stands_above_it(app: &TestApp) {
        tree(app).await;
        let member = app.member_of("G1").await;
        assert_eq!(seen(&app.anonymous()).await, [""; 0]);
        assert_eq!(seen(&app.person("G1", &[]).await).await, [""; 0]);
        assert_eq!(seen(&member).await, [ROOT, "P01", "G1"]);
        assert_eq!(seen(&app.admin_of("P01").await).await, [ROOT, "P01", "G1", "G2"]);
        assert_eq!(seen(&app.operator().await).await, ALL);
        assert_eq!(children(&member, ROOT).await, ["P01"]);
        assert_eq!(children(&member, "P01").await, ["G1"]);

        // A face has names and kind and nothing else.
        let query = "{ unit(code: \"P01\") { code name kind parent { code } establishedOn viewerCan
        initiatives(first: 5) { totalCount } officers(first: 5) { totalCount } } }";
        let reply = member.query(query, json!({})).await.ok();
        let face = json!({ "code": "P01", "name": "Công đoàn P01", "kind": "PROVINCIAL_FEDERATION", "parent": { "code": ROOT },
                       "establishedOn": null, "viewerCan": [], "initiatives": { "totalCount": 0 },
                       "officers": { "totalCount": 0 } });
        assert_eq!(reply.at("/unit"), &face);
    }
);

both!(
    async fn a_programme_shows_faces_down_to_its_public_level(app: &TestApp) {
        tree(app).await;
        let (nobody, outsider, operator) = (app.anonymous(), app.person("G1", &[]).await, app.operator().await);
        programme(&operator, "KIN", "SUBTREE", 5).await;
        assert_eq!((seen(&nobody).await, seen(&outsider).await), (vec![], vec![]));
        programme(&operator, "GOC", "PUBLIC", 0).await;
        assert_eq!((seen(&nobody).await, seen(&outsider).await), (vec![ROOT], vec![ROOT]));
        programme(&operator, "NB", "FEDERATION", 1).await;
        assert_eq!((seen(&nobody).await, seen(&outsider).await), (vec![ROOT], vec![ROOT, "P01", "P02"]));
        assert_eq!(children(&outsider, ROOT).await, ["P01", "P02"]);
        assert_eq!(children(&outsider, "P02").await, [""; 0]);
        assert_eq!(children(&nobody, ROOT).await, [""; 0]);
        programme(&operator, "CK", "PUBLIC", 2).await;
        assert_eq!((seen(&nobody).await, seen(&outsider).await), (ALL.to_vec(), ALL.to_vec()));
        assert_eq!(children(&nobody, "P01").await, ["G1", "G2"]);
    }
);

both!(
    async fn a_member_of_two_units_has_both_scopes(app: &TestApp) {
        tree(app).await;
        use entity::enums::Role::{Analyst, Member};
        let both = app.person("G1", &[("G1", Member), ("P02", Analyst)]).await;
        assert_eq!(seen(&both).await, [ROOT, "P01", "P02", "G1", "G3"]);
        let reply =
            both.query("{ units(first: 50, orderBy: CODE_ASC) { totalCount nodes { code } } }", json!({})).await.ok();
        assert_eq!(reply.texts("/units/nodes", "code"), ["G1", "G3", "P02"]);
        assert_eq!(reply.int("/units/totalCount"), 3);
    }
);

// Whoever is an author reads his initiative, and beside it the face of its unit, wherever he belongs.
both!(
    async fn an_author_from_elsewhere_sees_the_unit_of_his_initiative(app: &TestApp) {
        app.small_federation().await;
        let (author, guest) = (app.member_of("G1").await, app.member_of("G3").await);
        assert_eq!(seen(&guest).await, [ROOT, "P01", "P02", "G3"]);
        let both = json!({ "coAuthors": [{ "account": guest.id(), "share": 50 }] });
        author.send_in("G1", both).await;
        let query = "{ viewer { initiatives(first: 5) { nodes { unit { code name bloc officers(first: 1) { totalCount } children(first: 1) {
        totalCount } initiatives(first: 5) { totalCount } rollup(programme: \"SK\") { submitted } } } } } }";
        let reply = guest.query(query, json!({})).await.ok();
        let face = json!({ "code": "G1", "name": "Công đoàn G1", "bloc": null, "officers": { "totalCount": 0 },
                       "children": { "totalCount": 0 }, "initiatives": { "totalCount": 1 }, "rollup": null });
        assert_eq!(reply.at("/viewer/initiatives/nodes/0/unit"), &face);
        // Beside the record alone: of itself it stays unseen.
        assert_eq!(seen(&guest).await, [ROOT, "P01", "P02", "G3"]);
        assert_eq!(children(&guest, "P01").await, [""; 0]);
    }
);

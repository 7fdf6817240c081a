//! Several admins at once: the last one stays, and nothing is given twice.

use entity::enums::Role::{Admin, Analyst};
use futures_util::future::join_all;
use serde_json::json;

use super::grants::{give, grant_of, grants, take};
use crate::support::{Actor, Outcome, both};

async fn admins_of(top: &Actor, unit: &str) -> usize {
    let query = "query($code: String!) { unit(code: $code) { officers(first: 50) { nodes { role } } } }";
    let reply = top.query(query, json!({ "code": unit })).await.ok();
    reply.texts("/unit/officers/nodes", "role").iter().filter(|role| *role == "ADMIN").count()
}

both!(
    async fn of_admins_who_take_away_each_others_role_one_stays(app: &TestApp) {
        app.small_federation().await;
        let top = app.admin_of("TLD").await;
        for even_if_last in [false, true, false, true] {
            let mut all = Vec::new();
            for _ in 0..4 {
                let admin = app.admin_of("P01").await;
                let grant = grant_of(&admin, "P01", Admin).await;
                all.push((admin, grant));
            }
            // Each takes away the next one's.
            let replies = join_all((0..4).map(|n| take(&all[n].0, &all[(n + 1) % 4].1, even_if_last))).await;
            let done = replies.iter().filter(|reply| reply.outcome() == Outcome::Done).count();
            let left = admins_of(&top, "P01").await;
            assert_eq!(left, 4 - done);
            assert!(left >= 1 && done >= 1, "{done} of four were taken away");
            for reply in &replies {
                let told = [Outcome::Done, Outcome::failed("NOT_FOUND"), Outcome::failed("FORBIDDEN")];
                assert!(told.contains(&reply.outcome()), "{}", reply.body);
            }
            for (admin, _) in &all {
                if let Some((_, _, grant)) = grants(admin).await.pop() {
                    take(&top, &grant, true).await.done();
                }
            }
        }
    }
);

both!(
    async fn of_admins_who_all_give_up_at_once_one_stays(app: &TestApp) {
        app.small_federation().await;
        let mut all = Vec::new();
        for _ in 0..5 {
            let admin = app.admin_of("P01").await;
            let grant = grant_of(&admin, "P01", Admin).await;
            all.push((admin, grant));
        }
        let replies = join_all(all.iter().map(|(admin, grant)| take(admin, grant, false))).await;
        let mut outcomes: Vec<Outcome> = replies.iter().map(|reply| reply.outcome()).collect();
        outcomes.sort();
        let mut expected = vec![Outcome::Done; 4];
        expected.push(Outcome::refused(&["LAST_ADMIN"]));
        assert_eq!(outcomes, expected);
    }
);

both!(
    async fn a_role_given_by_many_at_once_is_one(app: &TestApp) {
        app.small_federation().await;
        let (one, two) = (app.admin_of("P01").await, app.admin_of("P01").await);
        let person = app.member_of("G1").await;
        for _ in 0..6 {
            let replies = join_all([
                give(&one, &person, "G2", Analyst),
                give(&two, &person, "G2", Analyst),
                give(&one, &person, "G2", Analyst),
            ])
            .await;
            let held = grants(&person).await;
            assert_eq!(held.len(), 2, "{held:?}");
            for reply in replies {
                assert_eq!(reply.done().text("/grantAdd/grant/id"), grant_of(&person, "G2", Analyst).await);
            }
            take(&two, &grant_of(&person, "G2", Analyst).await, false).await.done();
        }
    }
);

both!(
    async fn an_invitation_is_taken_over_once(app: &TestApp) {
        app.small_federation().await;
        let admin = app.admin_of("P01").await;
        let input = json!({ "displayName": "Khách", "unit": "P01", "roles": ["ANALYST"] });
        let reply = admin.mutate("accountInvite", input, "token").await.done();
        let token = json!({ "token": reply.text("/accountInvite/token") });
        let mut people = Vec::new();
        for _ in 0..4 {
            people.push(app.member_of("G3").await);
        }
        let replies =
            join_all(people.iter().map(|p| p.mutate("invitationAccept", token.clone(), "account { id }"))).await;
        let mut outcomes: Vec<Outcome> = replies.iter().map(|reply| reply.outcome()).collect();
        outcomes.sort();
        let mut expected = vec![Outcome::refused(&["TOKEN_NOT_VALID"]); 4];
        expected[0] = Outcome::Done;
        assert_eq!(outcomes, expected);
        let mut held = 0;
        for person in &people {
            held += grants(person).await.len();
        }
        assert_eq!(held, 5);
    }
);

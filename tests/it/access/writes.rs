//! For every mutation: who is told that its object does not exist, who that he may not, and who does it.

use serde_json::{Value, json};

use super::{Cast, Who};
use crate::support::{Reply, both};

use Who::*;

pub struct Write {
    pub name: &'static str,
    pub input: &'static str,
    /// The same on something that strangers do not see; empty where the input itself is about such a thing.
    unseen: &'static str,
    not_found: &'static [Who],
    forbidden: &'static [Who],
    /// `Nobody`: nobody among those who ask.
    pub allowed: Who,
}

const fn write(
    name: &'static str,
    (input, unseen): (&'static str, &'static str),
    not_found: &'static [Who],
    forbidden: &'static [Who],
    allowed: Who,
) -> Write {
    Write { name, input, unseen, not_found, forbidden, allowed }
}

const SIBLINGS: &[Who] = &[SiblingMember, SiblingReviewer, SiblingAdmin];
/// Who does not see what was sent in and is not approved.
const RECORDLESS: &[Who] = &[Member, SiblingMember, SiblingReviewer, SiblingAdmin, Operator];
/// Drafts are their authors' alone.
const NO_AUTHORS: &[Who] =
    &[Member, OwnReviewer, Reviewer, Analyst, Admin, SiblingMember, SiblingReviewer, SiblingAdmin, Operator, Top];
/// Everybody but P01's admins.
const NO_ADMINS: &[Who] =
    &[Author, Member, OwnReviewer, Reviewer, Analyst, SiblingMember, SiblingReviewer, SiblingAdmin, Operator];

#[rustfmt::skip]
pub const WRITES: &[Write] = &[
    write("unitCreate", (r#"{"code": "G8", "name": "Tám", "kind": "GRASSROOTS_UNION", "parent": "P01"}"#,
                         r#"{"code": "G8", "name": "Tám", "kind": "UNION_TEAM", "parent": "G1"}"#), SIBLINGS, NO_ADMINS, Admin),
    write("unitRename", (r#"{"unit": "P01", "name": "Tên mới"}"#, r#"{"unit": "G1", "name": "Tên mới"}"#), SIBLINGS, NO_ADMINS, Admin),
    write("unitMove", (r#"{"unit": "GL", "parent": "Z1"}"#, ""), &[Author, Member, SiblingMember, SiblingReviewer, SiblingAdmin],
          &[Reviewer, Analyst, Operator], Admin),
    write("unitMove", (r#"{"unit": "Z1", "parent": "P02"}"#, ""), SIBLINGS, &[Reviewer, Analyst, Operator, Admin], Top),
    write("programmeCreate", (r#"{"code": "M", "name": "Mới", "startsOn": "2026-01-01", "planEndsOn": "2026-12-31", "visibility": "PUBLIC",
          "phases": [{"code": "1", "name": "Một", "appliedFrom": "2026-01-01", "appliedTo": "2026-12-31", "enteredFrom": "2026-01-01",
          "enteredTo": "2026-12-31"}], "groups": [{"code": "A", "name": "A"}]}"#, ""),
          &[], &[Author, Reviewer, Analyst, Admin, SiblingAdmin, Top], Operator),
    write("clusterSet", (r#"{"unit": "P01", "code": "CUM2", "name": "Cụm 2", "members": ["G1"]}"#,
                         r#"{"unit": "G1", "code": "CUM2", "name": "Cụm 2", "members": []}"#), SIBLINGS, NO_ADMINS, Admin),
    // The code alone does not open another unit's.
    write("clusterSet", (r#"{"unit": "P02", "code": "CUM", "version": 1, "name": "Cụm 1", "members": []}"#, ""), &[SiblingAdmin, Top],
          &[Author, Reviewer, Admin], Nobody),
    write("targetSet", (r#"{"unit": "P01", "programme": "SK", "kind": "PLANNED", "value": 5}"#,
                        r#"{"unit": "G1", "programme": "SK", "kind": "PLANNED", "value": 5}"#), SIBLINGS, NO_ADMINS, Admin),
    write("targetSet", (r#"{"unit": "P01", "programme": "SK", "kind": "GUIDELINE", "value": 5}"#, ""), &[],
          &[Admin, Operator, Reviewer, SiblingAdmin], Top),
    write("targetSet", (r#"{"unit": "TLD", "programme": "SK", "kind": "GUIDELINE", "value": 5}"#, ""), &[], &[Admin, Top, SiblingAdmin],
          Operator),
    write("targetClear", (r#"{"id": "<public_target>"}"#, r#"{"id": "<hidden_target>"}"#), SIBLINGS, NO_ADMINS, Admin),
    write("targetClear", (r#"{"id": "<private_target>"}"#, ""), &[Author, Member, SiblingMember, SiblingReviewer, SiblingAdmin],
          &[Reviewer, Analyst, Operator], Admin),
    write("passwordResetIssue", (r#"{"account": "<author>"}"#, ""), &[CoAuthor, Member, OwnReviewer, Reviewer, Analyst, SiblingMember,
          SiblingReviewer, SiblingAdmin, Operator], &[Author], Admin),
    write("tokenCreate", (r#"{"name": "Báo cáo", "roles": ["ADMIN"]}"#, r#"{"name": "Báo cáo", "roles": ["ADMIN"], "unit": "G1"}"#), SIBLINGS,
          &[Author, Member, OwnReviewer, Reviewer, Analyst, SiblingMember, SiblingReviewer, Operator], Admin),
    write("initiativeDraft", (r#"{"unit": "G1", "programme": "SK", "phase": "1", "group": "A", "solution": "TECHNICAL",
          "title": "Tên", "appliedOn": "2025-06-01"}"#, ""), SIBLINGS, &[OwnReviewer, Reviewer, Analyst, Admin, Operator], Author),
    write("initiativeEdit", (r#"{"id": "<to_edit>", "version": 1, "title": "Khác"}"#, ""), NO_AUTHORS, &[CoAuthor], Author),
    write("initiativeSubmit", (r#"{"id": "<to_submit>", "version": 1}"#, ""), NO_AUTHORS, &[CoAuthor], Author),
    write("initiativeWithdraw", (r#"{"id": "<to_withdraw>", "version": 2}"#, ""), RECORDLESS, &[CoAuthor, OwnReviewer, Reviewer, Analyst, Admin],
          Author),
    write("initiativeReturn", (r#"{"id": "<to_return>", "version": 2, "note": "Sửa lại"}"#, ""), RECORDLESS,
          &[Author, CoAuthor, Analyst, Admin, Top], Reviewer),
    write("initiativeApprove", (r#"{"id": "<to_approve>", "version": 2, "verifiedBenefit": 1}"#, ""), RECORDLESS,
          &[Author, CoAuthor, Analyst, Admin, Top], OwnReviewer),
    write("initiativeReject", (r#"{"id": "<to_reject>", "version": 2, "reason": "NOT_NEW"}"#, ""), RECORDLESS,
          &[Author, CoAuthor, Analyst, Admin, Top], Reviewer),
    // Only from above: the union's own reviewer may not.
    write("initiativeRevoke", (r#"{"id": "<to_revoke>", "version": 3, "reason": "DUPLICATE"}"#, ""),
          &[SiblingMember, SiblingReviewer, SiblingAdmin, Operator], &[Author, CoAuthor, Member, OwnReviewer, Analyst, Admin, Top], Reviewer),
    write("initiativesApprove", (r#"{"items": [{"id": "<to_approve_all>", "version": 2, "verifiedBenefit": 1}]}"#, ""), RECORDLESS,
          &[Author, CoAuthor, Analyst, Admin], Reviewer),
    write("initiativesReject", (r#"{"items": [{"id": "<to_reject_all>", "version": 2, "reason": "NOT_NEW"}]}"#, ""), RECORDLESS,
          &[Author, CoAuthor, Analyst, Admin], Reviewer),
    write("accountInvite", (r#"{"displayName": "Mới", "unit": "P01", "roles": ["MEMBER"]}"#,
                            r#"{"displayName": "Mới", "unit": "G1", "roles": ["MEMBER"]}"#), SIBLINGS, NO_ADMINS, Admin),
    write("accountInvite", (r#"{"displayName": "Mới", "unit": "TLD", "roles": ["OPERATOR"]}"#, ""), &[], &[Admin, Operator, Top, SiblingAdmin],
          Nobody),
    write("invitationAccept", (r#"{"token": "<invitation>"}"#, ""), &[], &[], SiblingMember),
    write("grantAdd", (r#"{"account": "<author>", "unit": "P01", "role": "ANALYST"}"#,
                       r#"{"account": "<author>", "unit": "G1", "role": "ANALYST"}"#), SIBLINGS, NO_ADMINS, Admin),
    // Somebody of another unit, whom one does not see, though one knows his id.
    write("grantAdd", (r#"{"account": "<author>", "unit": "P02", "role": "ANALYST"}"#, ""), &[SiblingAdmin], &[Admin, Author], Top),
    write("grantAdd", (r#"{"account": "<author>", "unit": "TLD", "role": "OPERATOR"}"#, ""), &[Operator], &[Admin, Top, SiblingAdmin],
          Nobody),
    write("grantRemove", (r#"{"id": "<member_grant>"}"#, ""), &[Author, CoAuthor, OwnReviewer, Reviewer, Analyst, SiblingMember,
          SiblingReviewer, SiblingAdmin, Operator], &[], Admin),
    write("accountUpdate", (r#"{"consent": false}"#, ""), &[], &[], Member),
    write("accountExport", (r#"{"id": "<member>"}"#, ""), &[Author, CoAuthor, OwnReviewer, Reviewer, Analyst, SiblingMember, SiblingReviewer,
          SiblingAdmin, Operator], &[], Admin),
    write("grantRemove", (r#"{"id": "<operator_grant>"}"#, ""), &[Author, Member, Reviewer, Analyst, Admin, SiblingAdmin], &[Top], Operator),
    write("accountErase", (r#"{"id": "<member>"}"#, ""), &[Author, CoAuthor, OwnReviewer, Reviewer, Analyst, SiblingMember, SiblingReviewer,
          SiblingAdmin, Operator], &[], Admin),
];

/// What became of a mutation: nothing for done, else the code of its error, be it an item's.
fn told(write: &Write, reply: &Reply) -> String {
    if let Some(code) = reply.codes().first() {
        return (*code).to_owned();
    }
    let payload = &reply.body["data"][write.name];
    let errors = match payload["results"].as_array() {
        Some(results) => &results[0]["userErrors"],
        None => &payload["userErrors"],
    };
    errors[0]["code"].as_str().unwrap_or_default().to_owned()
}

async fn tell(cast: &Cast, write: &Write, input: &str, who: Who) -> String {
    let input: Value = serde_json::from_str(&cast.fill(input)).unwrap();
    let changed = if write.name.starts_with("initiatives") { "results { userErrors { code } }" } else { "__typename" };
    told(write, &cast.get(who).mutate(write.name, input, changed).await)
}

both!(
    async fn whoever_may_not_is_told_so_and_changes_nothing(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        let mut wrong = Vec::new();
        for write in WRITES {
            let unseen = if write.unseen.is_empty() { write.input } else { write.unseen };
            let denied = [
                (write.input, &[Nobody][..], "UNAUTHENTICATED"),
                (unseen, write.not_found, "NOT_FOUND"),
                (write.input, write.forbidden, "FORBIDDEN"),
            ];
            for (input, all, code) in denied {
                for who in all {
                    let answer = tell(&cast, write, input, *who).await;
                    if answer != code {
                        wrong.push(format!("{} by {who:?} answers {answer:?}, not {code}: {input}", write.name));
                    }
                }
            }
            // With the version that stood before all the denied attempts.
            if write.allowed == Nobody {
                continue;
            }
            let answer = tell(&cast, write, write.input, write.allowed).await;
            if !answer.is_empty() {
                wrong.push(format!("{} by {:?} answers {answer:?}: {}", write.name, write.allowed, write.input));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
);

both!(
    async fn nobody_decides_on_an_initiative_of_his_own(app: &TestApp) {
        app.small_federation().await;
        use entity::enums::Role::{Member, Reviewer};
        let both = app.person("G1", &[("G1", Member), ("P01", Reviewer)]).await;
        let other = app.reviewer_of("P01").await;
        let sent = both.send_in("G1", json!({})).await;
        for (mutation, more) in [
            ("initiativeApprove", json!({ "verifiedBenefit": 1 })),
            ("initiativeReturn", json!({ "note": "Sửa" })),
            ("initiativeReject", json!({ "reason": "NOT_NEW" })),
        ] {
            let reply = both.act(mutation, &sent, more).await;
            assert_eq!(reply.user_errors(), [("OWN_INITIATIVE".to_owned(), "id".to_owned())], "{mutation}");
        }
        other.act("initiativeApprove", &sent, json!({ "verifiedBenefit": 1 })).await.done();
    }
);

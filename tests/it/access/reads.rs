//! For every field that leads across tenants: to whom it shows, and to whom not.

use serde_json::{Value, json};

use super::cast::STRANGERS;
use super::{Cast, Who};
use crate::support::both;

use Hidden::{Empty, NotFound, Null};
use Who::*;

/// What the field answers where it does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// Null, or an object above it is.
    Null,
    /// A list without members.
    Empty,
    /// The error NOT_FOUND.
    NotFound,
}

pub struct Read {
    pub field: &'static str,
    query: &'static str,
    at: &'static str,
    shown: &'static [Who],
    hidden: &'static [Who],
    by: Hidden,
}

const fn read(
    field: &'static str,
    query: &'static str,
    at: &'static str,
    shown: &'static [Who],
    by: Hidden,
    hidden: &'static [Who],
) -> Read {
    Read { field, query, at, shown, hidden, by }
}

/// Who may not read a record that is not approved.
const RECORDLESS: &[Who] = &[Nobody, Member, SiblingMember, SiblingReviewer, SiblingAdmin, Operator];
/// Who may.
pub const READERS: &[Who] = &[Author, CoAuthor, OwnReviewer, Reviewer, Analyst, Admin, Top];
/// In whose scope P01 lies.
pub const COVERING: &[Who] = &[Reviewer, Analyst, Admin, Operator, Top];
/// Who sees no more of P01 than its face.
pub const FACING: &[Who] = &[Nobody, Author, Member, OwnReviewer, SiblingMember, SiblingReviewer, SiblingAdmin];
/// Who is no admin over P01.
const NO_ADMINS: &[Who] = &[Nobody, Author, Member, SiblingMember, SiblingReviewer, SiblingAdmin, Operator];
const ADMINS: &[Who] = &[Admin, Top];

#[rustfmt::skip]
pub const READS: &[Read] = &[
    read("Query.viewer", "{ viewer { account { id } } }", "/viewer", &[Author, Operator], Null, &[Nobody]),
    read("Query.node", "{ node(id: \"<sent>\") { id } }", "/node", READERS, Null, RECORDLESS),
    read("Query.nodes", "{ nodes(ids: [\"<author>\"]) { id } }", "/nodes/0", &[Author, Admin, Top], Null,
         &[Nobody, CoAuthor, Member, OwnReviewer, Reviewer, Analyst, SiblingAdmin, Operator]),
    read("Query.unit", "{ unit(code: \"G1\") { id } }", "/unit", &[Author, Member, Analyst, Operator], Null, STRANGERS),
    read("Query.units", "{ units(within: \"P01\", first: 9) { nodes { id } } }", "/units/nodes", COVERING, Empty, STRANGERS),
    read("Query.units", "{ units(within: \"G1\", first: 9) { nodes { id } } }", "/units/nodes", COVERING, NotFound, STRANGERS),
    read("Query.programme", "{ programme(code: \"NB\") { id } }", "/programme", &[SiblingMember, Author], Null, &[Nobody]),
    read("Query.programmes", "{ programmes(first: 9) { nodes { id } } }", "/programmes/nodes/1", &[SiblingMember], Null, &[Nobody]),
    read("Query.initiative", "{ initiative(code: \"<sent.code>\") { id } }", "/initiative", READERS, Null, RECORDLESS),
    read("Query.initiatives", "{ initiatives(first: 9) { nodes { id } } }", "/initiatives/nodes", READERS, Empty,
         &[Nobody, SiblingMember, SiblingReviewer, SiblingAdmin, Operator]),
    read("Query.initiatives", "{ initiatives(within: \"G1\", first: 9) { nodes { id } } }", "/initiatives/nodes", &[Reviewer, Member],
         NotFound, STRANGERS),
    read("Viewer.account", "{ viewer { account { id } } }", "/viewer/account", &[Author], Null, &[Nobody]),
    read("Viewer.grants", "{ viewer { grants { id } } }", "/viewer/grants", &[Author], Null, &[Nobody]),
    read("Viewer.sessions", "{ viewer { sessions { id } } }", "/viewer/sessions", &[Author], Null, &[Nobody]),
    read("Viewer.tokens", "{ viewer { tokens(first: 1) { totalCount } } }", "/viewer/tokens", &[Author], Null, &[Nobody]),
    read("Viewer.initiatives", "{ viewer { initiatives(first: 9) { nodes { id } } } }", "/viewer/initiatives/nodes",
         &[Author, CoAuthor], Empty, &[Member, Reviewer, Analyst, Admin, Operator, SiblingAdmin]),
    read("Viewer.awaitingDecision", "{ viewer { awaitingDecision(first: 9) { nodes { id } } } }", "/viewer/awaitingDecision/nodes",
         &[Reviewer, OwnReviewer], Empty, &[Author, CoAuthor, Member, Analyst, Admin, Operator, SiblingReviewer]),
    read("Viewer.awaitingDecision", "{ viewer { awaitingDecision(within: \"G1\", first: 9) { nodes { id } } } }",
         "/viewer/awaitingDecision/nodes", &[Reviewer], NotFound, &[SiblingReviewer]),

    read("Unit.bloc", "{ unit(code: \"P01\") { bloc } }", "/unit/bloc", COVERING, Null, FACING),
    read("Unit.sector", "{ unit(code: \"P01\") { sector } }", "/unit/sector", COVERING, Null, FACING),
    read("Unit.establishedOn", "{ unit(code: \"P01\") { establishedOn } }", "/unit/establishedOn", COVERING, Null, FACING),
    read("Unit.dissolvedOn", "{ unit(code: \"P01\") { dissolvedOn } }", "/unit/dissolvedOn", COVERING, Null, FACING),
    read("Unit.coordinator", "{ unit(code: \"L1\") { coordinator { id } } }", "/unit/coordinator", COVERING, Null,
         &[Nobody, Author, SiblingAdmin]),
    read("Unit.ancestors", "{ unit(code: \"G1\") { ancestors { id } } }", "/unit/ancestors", &[Author, Admin], Null, STRANGERS),
    read("Unit.children", "{ unit(code: \"P01\") { children(first: 9) { nodes { id } } } }", "/unit/children/nodes",
         &[Author, Member, Admin, Operator], Empty, STRANGERS),
    read("Unit.descendants", "{ unit(code: \"P01\") { descendants(first: 9) { nodes { id } } } }", "/unit/descendants/nodes",
         &[Author, Member, Admin, Operator], Empty, STRANGERS),
    read("Unit.initiatives", "{ unit(code: \"P01\") { initiatives(first: 9) { nodes { id } } } }", "/unit/initiatives/nodes", READERS,
         Empty, &[Nobody, SiblingMember, SiblingReviewer, SiblingAdmin, Operator]),
    read("Unit.targets", "{ unit(code: \"P01\") { targets(programme: \"RIENG\") { id } } }", "/unit/targets", COVERING, Empty, FACING),
    read("Unit.officers", "{ unit(code: \"P01\") { officers(first: 9) { nodes { id } } } }", "/unit/officers/nodes",
         &[Admin, Top], Empty, NO_ADMINS),
    read("Unit.viewerCan", "{ unit(code: \"P01\") { viewerCan } }", "/unit/viewerCan", ADMINS, Empty,
         &[Nobody, Author, Member, OwnReviewer, Reviewer, Analyst, SiblingMember, SiblingReviewer, SiblingAdmin, Operator]),
    read("Unit.rollup", "{ unit(code: \"P01\") { rollup(programme: \"RIENG\") { submitted } } }", "/unit/rollup", COVERING, Null, FACING),
    read("Unit.rollup", "{ unit(code: \"P01\") { rollup(programme: \"NB\") { submitted } } }", "/unit/rollup", &[SiblingMember, Author],
         Null, &[Nobody]),
    read("Unit.ranking", "{ unit(code: \"G1\") { ranking(programme: \"SK\") { of } } }", "/unit/ranking", COVERING, Null,
         &[Nobody, Author, Member, OwnReviewer, SiblingAdmin]),
    read("Unit.ranking", "{ unit(code: \"G1\") { ranking(programme: \"SK\", among: \"CUM\") { of } } }", "/unit/ranking", COVERING, Null,
         &[Nobody, Author, Member, OwnReviewer, SiblingAdmin]),
    read("Unit.clusters", "{ unit(code: \"P01\") { clusters(first: 9) { nodes { id } } } }", "/unit/clusters/nodes", COVERING, Empty, FACING),
    read("Unit.memberOf", "{ unit(code: \"G1\") { memberOf(first: 9) { nodes { id } } } }", "/unit/memberOf/nodes",
         &[Author, Member, Admin, Operator], Null, STRANGERS),
    read("Cluster.owner", "{ node(id: \"<cluster>\") { ... on Cluster { owner { id } } } }", "/node/owner",
         &[Author, CoAuthor, Member, Analyst, Operator, Top], Null, STRANGERS),
    // A sibling below the public level does not exist for the members of a union.
    read("Cluster.members", "{ node(id: \"<cluster>\") { ... on Cluster { members { id } } } }", "/node/members/1", COVERING, Null,
         &[Nobody, Author, CoAuthor, Member, OwnReviewer, SiblingMember, SiblingAdmin]),
    read("Unit.leaderboard", "{ unit(code: \"P01\") { leaderboard(programme: \"SK\", first: 9) { totalCount } } }", "/unit/leaderboard",
         COVERING, Null, FACING),

    read("Initiative.unit", "{ initiative(code: \"<sent.code>\") { unit { code } } }", "/initiative/unit", READERS, Null, RECORDLESS),
    read("Initiative.programme", "{ initiative(code: \"<sent.code>\") { programme { id } } }", "/initiative/programme", READERS, Null,
         RECORDLESS),
    read("Initiative.authors", "{ initiative(code: \"<sent.code>\") { authors { share } } }", "/initiative/authors", READERS, Null,
         RECORDLESS),
    read("Initiative.events", "{ initiative(code: \"<sent.code>\") { events(first: 9) { nodes { id } } } }", "/initiative/events", READERS,
         Null, RECORDLESS),
    read("InitiativeEvent.by", "{ initiative(code: \"<approved.code>\") { events(last: 1) { nodes { by { id } } } } }",
         "/initiative/events/nodes/0/by", &[Reviewer, Analyst, Admin, Top], Null, &[Author, CoAuthor, Member, OwnReviewer, SiblingAdmin]),
    read("Author.account", "{ initiative(code: \"<approved.code>\") { authors { account { id } } } }", "/initiative/authors/0/account",
         &[Author, Member, OwnReviewer, Reviewer, Analyst, Admin], Null, &[CoAuthor, Nobody, SiblingMember, SiblingAdmin, Operator]),

    read("Account.unit", "{ node(id: \"<author>\") { ... on Account { unit { id } } } }", "/node/unit", &[Author, Admin, Top], Null,
         &[Nobody, Member, Reviewer, SiblingAdmin, Operator]),
    read("Account.email", "{ initiative(code: \"<approved.code>\") { authors { account { email } } } }", "/initiative/authors/0/account/email",
         &[Author, Admin, Top], Null, &[Nobody, CoAuthor, Member, OwnReviewer, Reviewer, Analyst, SiblingAdmin, Operator]),
    read("Account.consent", "{ initiative(code: \"<approved.code>\") { authors { account { consent } } } }",
         "/initiative/authors/0/account/consent", &[Author, Admin, Top], Null,
         &[Nobody, CoAuthor, Member, OwnReviewer, Reviewer, Analyst, SiblingAdmin, Operator]),
    read("Account.invited", "{ initiative(code: \"<approved.code>\") { authors { account { invited } } } }",
         "/initiative/authors/0/account/invited", &[Author, Admin, Top], Null,
         &[Nobody, CoAuthor, Member, OwnReviewer, Reviewer, Analyst, SiblingAdmin, Operator]),
    read("Account.phone", "{ initiative(code: \"<approved.code>\") { authors { account { phone } } } }", "/initiative/authors/0/account/phone",
         &[Author, Admin, Top], Null, &[Nobody, CoAuthor, Member, OwnReviewer, Reviewer, Analyst, SiblingAdmin, Operator]),
    read("Grant.unit", "{ node(id: \"<grant>\") { ... on Grant { unit { id } } } }", "/node/unit", &[Author, Admin, Top], Null,
         &[Nobody, Member, OwnReviewer, Reviewer, Analyst, SiblingAdmin, Operator]),
    read("Grant.account", "{ node(id: \"<grant>\") { ... on Grant { account { id } } } }", "/node/account", &[Author, Admin, Top], Null,
         &[Nobody, Member, OwnReviewer, Reviewer, Analyst, SiblingAdmin, Operator]),

    read("Unit.audit", "{ unit(code: \"P01\") { audit(first: 1) { nodes { id } } } }", "/unit/audit", &[Admin, Top, Operator], Null,
         &[Nobody, Author, CoAuthor, Member, OwnReviewer, Reviewer, Analyst, SiblingMember, SiblingReviewer, SiblingAdmin]),
    read("AuditEntry.unit", "{ unit(code: \"P01\") { audit(first: 1) { nodes { unit { id } } } } }", "/unit/audit/nodes/0/unit",
         &[Admin, Top, Operator], Null, &[Nobody, Author, Reviewer, Analyst, SiblingAdmin]),
    // The author's name is no business of the operator's; he has the id.
    read("AuditEntry.actor", "{ unit(code: \"G1\") { audit(first: 1, action: \"initiativeDraft\") { nodes { actor { id } } } } }",
         "/unit/audit/nodes/0/actor", &[Admin, Top], Null, &[Nobody, Author, Reviewer, Analyst, SiblingAdmin, Operator]),

    // Nor are a record's figures.
    read("AuditEntry.changes", "{ unit(code: \"G1\") { audit(first: 1, action: \"initiativeApprove\") { nodes { changes { field } } } } }",
         "/unit/audit/nodes/0/changes", &[Admin, Top], Empty, &[Operator]),

    read("Target.unit", "{ node(id: \"<private_target>\") { ... on Target { unit { id } } } }", "/node/unit", COVERING, Null, FACING),
    read("Target.programme", "{ node(id: \"<hidden_target>\") { ... on Target { programme { id } } } }", "/node/programme",
         &[Author, Admin, Operator], Null, STRANGERS),
    read("Rollup.unit", "{ unit(code: \"P01\") { rollup(programme: \"RIENG\") { unit { id } } } }", "/unit/rollup/unit", COVERING, Null,
         FACING),
    read("Rollup.completion", "{ unit(code: \"P01\") { rollup(programme: \"RIENG\") { completion { target } } } }",
         "/unit/rollup/completion", COVERING, Null, FACING),
    read("Rollup.unitsOverTarget", "{ unit(code: \"P01\") { rollup(programme: \"RIENG\") { unitsOverTarget { total } } } }",
         "/unit/rollup/unitsOverTarget", COVERING, Null, FACING),
    read("Rollup.breakdown", "{ unit(code: \"P01\") { rollup(programme: \"SK\") { breakdown(by: [CHILD]) { submitted } } } }",
         "/unit/rollup/breakdown", COVERING, Empty, FACING),
    read("Rollup.breakdown", "{ unit(code: \"P01\") { rollup(programme: \"SK\") { breakdown(by: [PHASE, GROUP]) { submitted } } } }",
         "/unit/rollup/breakdown", COVERING, Empty, FACING),
    read("RollupPart.unit", "{ unit(code: \"P01\") { rollup(programme: \"SK\") { breakdown(by: [CHILD]) { unit { id } } } } }",
         "/unit/rollup/breakdown/1/unit", COVERING, Null, FACING),
    read("Ranking.unit", "{ unit(code: \"G1\") { ranking(programme: \"SK\") { unit { id } } } }", "/unit/ranking/unit", COVERING, Null,
         &[Nobody, Member, SiblingAdmin]),
];

both!(
    async fn what_is_hidden_is_hidden_and_what_shows_shows(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        let mut wrong = Vec::new();
        for read in READS {
            let query = cast.fill(read.query);
            for (who, shows) in
                read.shown.iter().map(|who| (who, true)).chain(read.hidden.iter().map(|who| (who, false)))
            {
                let reply = cast.get(*who).query(&query, json!({})).await;
                let found = reply.body["data"].pointer(read.at).unwrap_or(&Value::Null);
                let right = match (shows, read.by) {
                    (true, _) => reply.codes().is_empty() && !found.is_null() && *found != json!([]),
                    (false, Null) => reply.codes().is_empty() && found.is_null(),
                    (false, Empty) => reply.codes().is_empty() && *found == json!([]),
                    (false, NotFound) => reply.codes() == ["NOT_FOUND"],
                };
                if !right {
                    let wanted = if shows { "shows".to_owned() } else { format!("{:?}", read.by) };
                    wrong.push(format!("{} for {who:?} ({wanted}): {query} answers {}", read.field, reply.body));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
);

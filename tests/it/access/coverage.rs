//! Which test denies what. A field that leads from one tenant to another, and stands nowhere here, fails.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition};

use super::reads::READS;
use super::writes::WRITES;

/// Types of which every field needs a case; of all others, every field that leads to another object.
const WHOLLY: [&str; 6] = ["Query", "Mutation", "Subscription", "Viewer", "Unit", "Account"];

/// Where READS and WRITES are asked.
const READ_BY: (&str, &str) = ("access/reads.rs", "what_is_hidden_is_hidden_and_what_shows_shows");
const WRITTEN_BY: (&str, &str) = ("access/writes.rs", "whoever_may_not_is_told_so_and_changes_nothing");

/// What is denied in a test of its own: the field, the file below tests/it, and the test.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("Subscription.rollupChanged", "access/subscriptions.rs", "a_roll_up_is_told_to_whom_it_shows"),
    ("Subscription.initiativeChanged", "access/subscriptions.rs", "a_change_is_told_to_whoever_reads_the_initiative"),
    // Those alone that may be read; the others are counted.
    ("Rollup.initiatives", "leaks/walk/mod.rs", "the_whole_schema_shows_what_the_rules_say"),
    // Of whoever holds a password, a one-time or a refresh token: whoever asks.
    ("Mutation.signIn", "identity/sign_in.rs", "nothing_tells_whether_an_account_exists"),
    ("Mutation.signOut", "identity/sessions.rs", "signing_out_ends_the_session_at_once"),
    ("Mutation.sessionRefresh", "identity/sessions.rs", "a_refresh_token_that_comes_back_ends_its_session"),
    ("Mutation.passwordResetRequest", "identity/passwords.rs", "a_reset_is_mailed"),
    ("Mutation.passwordSet", "identity/passwords.rs", "a_one_time_token_is_good_once"),
    ("Mutation.identityLink", "identity/provider.rs", "an_invited_person_is_linked_by_the_one_time_token"),
    ("Mutation.identityLink", "identity/linked.rs", "an_invitation_is_claimed_with_an_identity"),
    // About oneself; others' are not there.
    ("Mutation.passwordChange", "identity/passwords.rs", "the_present_password_is_not_guessed_by_changing_it"),
    ("Mutation.sessionRevoke", "identity/sessions.rs", "a_session_is_revoked_from_another_and_by_its_owner_alone"),
    ("Mutation.tokenRevoke", "identity/tokens.rs", "a_token_is_made_shown_once_listed_used_and_revoked"),
    ("Query.reorganisation", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Query.reorganisations", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.reorganisationDraft", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.reorganisationStep", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.reorganisationDiscard", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.reorganisationDryRun", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.reorganisationApply", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.reorganisationUndo", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.coordinatorSet", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.unitMerge", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.unitDissolve", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.unitSplit", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.unitRecode", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.unitReestablish", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("Mutation.unitChangeKind", "reorganisation/plans.rs", "whoever_may_not_reorganise_is_told_so"),
    ("ApiToken.unit", "identity/tokens.rs", "a_token_is_made_shown_once_listed_used_and_revoked"),
];

/// Fields that show to whoever sees their object. The list only shrinks.
const OPEN: &[&str] = &[
    // The face of a unit; what stands above a face shows its own.
    "Unit.id",
    "Unit.code",
    "Unit.name",
    "Unit.nameEn",
    "Unit.kind",
    "Unit.parent",
    // Those that show themselves, of whoever sees the unit.
    "Unit.predecessors",
    "Unit.successors",
    "Unit.history",
    "UnitEra.parent",
    // Of whoever sees the plan.
    "Reorganisation.unit",
    "Reorganisation.steps",
    "Reorganisation.report",
    "Reorganisation.conservation",
    "Reorganisation.faults",
    "Reorganisation.undoes",
    "Reorganisation.undoneBy",
    "ReorganisationStep.parts",
    "ReorganisationStep.restated",
    "ReorganisationReport.made",
    "ReorganisationReport.moved",
    "ReorganisationReport.ended",
    "ReorganisationReport.reestablished",
    "ReorganisationReport.renamed",
    "ReorganisationReport.recoded",
    "ReorganisationReport.units",
    "UnitChange.before",
    "UnitChange.after",
    // Whose name shows, shows by id and name.
    "Account.id",
    "Account.displayName",
    // Parts of a definition.
    "Programme.phases",
    "Programme.groups",
    // Always the same few values.
    "Initiative.refusal",
    "Initiative.recognition",
    "RollupPart.keys",
    // Numbers, as the roll-up itself.
    "Rollup.activity",
    "ActivityPart.key",
];

/// Pages of what a field leads to, and what mutations answer: the field and the mutation have the case.
fn passes_on(ty: &str) -> bool {
    ["Connection", "Edge", "Payload"].iter().any(|end| ty.ends_with(end)) || ty == "InitiativeResult"
}

#[test]
fn every_field_that_leads_across_tenants_has_a_case() {
    let document = parse_schema(banyan::graphql::sdl()).unwrap();
    let mut composite = BTreeSet::new();
    let mut types: Vec<(String, Vec<FieldDefinition>)> = Vec::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        let fields = match definition.node.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(_) | TypeKind::Union(_) => {
                composite.insert(name);
                continue;
            }
            _ => continue,
        };
        composite.insert(name.clone());
        types.push((name, fields.into_iter().map(|field| field.node).collect()));
    }
    let mut needed = BTreeSet::new();
    for (name, fields) in types.iter().filter(|(name, _)| !passes_on(name)) {
        for field in fields {
            if WHOLLY.contains(&name.as_str()) || composite.contains(named(&field.ty.node)) {
                needed.insert(format!("{name}.{}", field.name.node));
            }
        }
    }
    let reads = READS.iter().map(|read| read.field.to_owned());
    let writes = WRITES.iter().map(|write| format!("Mutation.{}", write.name));
    let elsewhere = ELSEWHERE.iter().map(|(field, ..)| (*field).to_owned());
    let open = OPEN.iter().map(|field| (*field).to_owned());
    let known: BTreeSet<String> = reads.chain(writes).chain(elsewhere).chain(open).collect();
    let missing: Vec<_> = needed.difference(&known).collect();
    let gone: Vec<_> = known.difference(&needed).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a case: {missing:?}; cases of nothing: {gone:?}");
}

#[test]
fn every_case_is_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let tables = [READ_BY, WRITTEN_BY].into_iter();
    let gone: Vec<_> = tables
        .chain(ELSEWHERE.iter().map(|(_, file, test)| (*file, *test)))
        .filter(|(file, test)| {
            let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
            // As a function, or as a module of one for each database.
            let forms = [format!("fn {test}("), format!("mod {test} {{"), format!("both!({test},")];
            !forms.iter().any(|form| text.contains(form))
        })
        .collect();
    assert!(gone.is_empty(), "no such test: {gone:?}");
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}

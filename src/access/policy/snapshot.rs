//! The policy as a text that anybody can read, committed as policy.txt and compared here.

use std::fmt::Write as _;

use entity::enums::{Action, Role, Visibility};
use sea_orm::{ActiveEnum, Iterable};

use super::{Place, Right, permits};
use crate::access::{Aggregates, Viewer, aggregates};

const HEAD: &str = "\
WHO MAY DO WHAT

A grant is a role at a unit. Each block is one right: which role gives it, and at which units as seen from the grant's own.

  here       the unit of the grant itself
  ended      the unit of the grant itself, once it has ended: its records are its successor's
  below      every unit under it
  above      every unit over it, up to the root
  beside     another unit with the same parent
  elsewhere  every other unit

A person may do what any of his grants allows. Whoever is signed in with an API token may do what both the token's roles and his own
allow, within the token's unit; rights marked (in person) are never his,
unless the command line made the token with all that he holds: whoever has the command line may do anything. Authors read, edit and withdraw their own initiatives by being
authors. Nobody decides on an initiative of his own, and nobody gives a role to himself. Resetting, erasing and exporting an account
and ending its tokens further need the right to take away every single role that its person holds. A person may always give up a role of his own, erase and
export himself.
";

fn title(right: Right) -> (String, &'static str) {
    let name = |text: &str| text.to_owned();
    match right {
        Right::ReadFace => (name("READ FACE"), "that the unit exists: code, names, kind, parent"),
        Right::ReadAggregates => (name("READ AGGREGATES"), "measures, targets, rankings, the unit's own data"),
        Right::ReadApproved => (name("READ APPROVED"), "initiatives that are approved"),
        Right::ReadRecords => (name("READ RECORDS"), "every initiative that was sent in; never drafts"),
        Right::ReadPeople => (name("READ PEOPLE"), "all grants on the unit; e-mail and phone of its people"),
        Right::SetGuideline => (name("SET GUIDELINE"), "set or clear the unit's GUIDELINE target"),
        Right::CreateProgramme => (name("CREATE PROGRAMME"), "make a programme"),
        Right::Grant(role) => (
            format!("GRANT {}", role.to_value()),
            "give this role at the unit to another person, or take it away (in person)",
        ),
        Right::Invite => (name("INVITE"), "open an account for a person of the unit (in person)"),
        Right::Reset => (
            name("RESET"),
            "hand a one-time token to a person of the unit who lost his way in, end his API tokens (in person)",
        ),
        Right::Erase => (name("ERASE"), "take away the personal data of a person of the unit (in person)"),
        Right::Export => (name("EXPORT"), "read everything that is stored about a person of the unit (in person)"),
        Right::ReadAudit => {
            (name("READ AUDIT"), "the audit log of the unit; of initiatives no values without READ RECORDS")
        }
        Right::ReadAddresses => (name("READ ADDRESSES"), "in the audit log, where everybody came from"),
        Right::Do(action) => (action.to_value(), of_action(action)),
    }
}

fn of_action(action: Action) -> &'static str {
    match action {
        Action::Draft => "write down an initiative of the unit",
        Action::Edit => "change a draft, or what was returned: for its first author alone, by no role",
        Action::Submit => "send in an initiative of the unit: for its first author",
        Action::Withdraw => "take an initiative back: for its first author alone, by no role",
        Action::Return => "give an initiative of the unit back to its authors",
        Action::Approve => "approve an initiative of the unit",
        Action::Reject => "reject an initiative of the unit",
        Action::Revoke => "take the approval of an initiative of the unit away",
        Action::CreateUnit => "found a unit directly below the unit",
        Action::Rename => "give the unit other names",
        Action::Move => "take units from below the unit, and put units below it",
        Action::SetTarget => "set or clear the unit's REGISTERED and PLANNED targets",
        Action::SetCluster => "set up the unit's clusters, and change their names and members",
        Action::Grant => "give or take away at least one role at the unit (in person)",
    }
}

fn table() -> String {
    let mut text = String::from(HEAD);
    for right in Right::ALL {
        let (name, what) = title(right);
        assert_eq!(what.contains("(in person)"), right.needs_the_person(), "{name}");
        let _ = writeln!(text, "\n{name}: {what}\n  role       here   ended  below  above  beside elsewhere");
        for role in Role::iter() {
            let yes = |place| if permits(role, right, place) { "yes" } else { "-" };
            let [a, b, c, d, e, f] = Place::ALL.map(yes);
            let _ = writeln!(text, "  {:10} {a:6} {b:6} {c:6} {d:6} {e:6} {f}", role.to_value());
        }
    }
    text + &programmes()
}

/// What programmes show beside all grants.
fn programmes() -> String {
    let mut text = String::from(
        "
WHAT A PROGRAMME SHOWS OF A UNIT'S AGGREGATES

  all      everything
  sums     measures, targets, rankings and breakdowns by one dimension
  -        nothing

Down to the programme's public level, and below it; inside the scope of a grant, outside it with an account, and for nobody signed in.

  visibility   depth                     in scope   any account   nobody
",
    );
    let shown = |viewer, in_scope, depth, visibility| match aggregates(viewer, in_scope, depth, visibility, 1) {
        Aggregates::None => "-",
        Aggregates::Public => "sums",
        Aggregates::Whole => "all",
    };
    for visibility in Visibility::iter() {
        for (depth, name) in [(1, "down to the public level"), (2, "below it")] {
            let inside = shown(Viewer::of(1), true, depth, visibility);
            let outside = shown(Viewer::of(1), false, depth, visibility);
            let nobody = shown(Viewer::ANONYMOUS, false, depth, visibility);
            let _ = writeln!(text, "  {:12} {name:25} {inside:10} {outside:13} {nobody}", visibility.to_value());
        }
    }
    text
}

#[test]
fn the_policy_is_the_committed_table() {
    let table = table();
    assert!(
        table == include_str!("../policy.txt"),
        "the policy has changed; review it and put this into src/access/policy.txt:\n{table}"
    );
}

#[test]
fn nobody_gives_more_than_he_holds() {
    // Whatever a role that somebody gives allows at a place, some role of the giver allows, or he could appoint himself: which
    // is why an ADMIN, who may not decide, appoints those who do, and nobody himself.
    for giver in Role::iter() {
        for given in Role::iter() {
            for place in Place::ALL {
                if permits(giver, Right::Grant(given), place) {
                    assert!(place.is_covered(), "{giver:?} gives {given:?} {place:?}");
                    assert!(
                        giver == given || (giver == Role::Admin && given != Role::Operator),
                        "{giver:?} gives {given:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn outside_what_a_grant_covers_it_gives_nothing_but_faces_above() {
    for right in Right::ALL {
        for role in Role::iter() {
            for place in [Place::Above, Place::Beside, Place::Elsewhere] {
                let face = right == Right::ReadFace && place == Place::Above;
                assert_eq!(permits(role, right, place), face, "{role:?} {right:?} {place:?}");
            }
        }
    }
}

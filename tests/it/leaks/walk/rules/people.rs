//! `Account`, `Grant`, `ApiToken` and `Session`.

use entity::enums::Role;
use sea_orm::Iterable;

use super::super::super::model::Pass;
use super::super::things::{Answer, Ask, Thing};
use super::{Table, is, word};

pub const RULES: Table = &[
    ("Account.id", super::id),
    ("Account.displayName", |a| is(&account(a).display_name)),
    ("Account.unit", |a| Answer::One(account(a).unit_id.filter(|id| a.exists(*id)).map(Thing::Unit))),
    ("Account.email", |a| {
        let invited = waiting(a).and_then(|invitation| invitation.email.as_ref());
        is(account(a).email.as_ref().or(invited).filter(|_| a.opens_person(account(a).id)))
    }),
    ("Account.phone", |a| {
        let invited = waiting(a).and_then(|invitation| invitation.phone.as_ref());
        is(account(a).phone.as_ref().or(invited).filter(|_| a.opens_person(account(a).id)))
    }),
    ("Account.invited", |a| is(a.opens_person(account(a).id).then_some(waiting(a).is_some()))),
    ("Account.consent", |a| is(a.opens_person(account(a).id).then_some(account(a).consent))),
    ("Grant.id", super::id),
    ("Grant.role", |a| is(word(&grant(a).role))),
    ("Grant.unit", |a| Answer::One(Some(Thing::Unit(grant(a).unit_id)))),
    ("Grant.account", |a| Answer::One(Some(Thing::Account(grant(a).account_id)))),
    ("ApiToken.id", super::id),
    ("ApiToken.name", |a| is(&token(a).name)),
    ("ApiToken.roles", |a| {
        let carried: Option<Vec<&str>> = token(a).roles.as_deref().map(|roles| roles.split(',').collect());
        let carries = |role: &String| carried.as_ref().is_none_or(|carried| carried.contains(&role.as_str()));
        is(Role::iter().map(|role| word(&role)).filter(carries).collect::<Vec<_>>())
    }),
    ("ApiToken.unit", |a| Answer::One(token(a).unit_id.filter(|id| a.exists(*id)).map(Thing::Unit))),
    ("ApiToken.createdAt", |a| Answer::At(Some(token(a).created_at))),
    ("ApiToken.expiresAt", |a| Answer::At(Some(token(a).expires_at))),
    ("ApiToken.lastUsedAt", |_| Answer::Moment),
    ("ApiToken.revokedAt", |a| Answer::At(token(a).revoked_at)),
    ("Session.id", super::id),
    ("Session.device", |a| is(&session(a).name)),
    ("Session.createdAt", |a| Answer::At(Some(session(a).created_at))),
    ("Session.refreshedAt", |a| Answer::At(Some(session(a).refreshed_at))),
    ("Session.expiresAt", |a| Answer::At(Some(session(a).expires_at))),
    // Everybody has one session.
    ("Session.isCurrent", |a| is(a.viewer.pass == Pass::Session)),
];

fn account<'a>(a: &Ask<'a>) -> &'a entity::account::Model {
    let Thing::Account(id) = a.thing else { unreachable!() };
    &a.data.accounts[id]
}

/// The invitation that the account waits by.
fn waiting<'a>(a: &Ask<'a>) -> Option<&'a entity::invitation::Model> {
    a.data.invitations.get(&account(a).id).filter(|invitation| invitation.accepted_at.is_none())
}

fn grant<'a>(a: &Ask<'a>) -> &'a entity::role_grant::Model {
    let Thing::Grant(id) = a.thing else { unreachable!() };
    &a.data.grants[id]
}

fn token<'a>(a: &Ask<'a>) -> &'a entity::token::Model {
    let Thing::Token(id) = a.thing else { unreachable!() };
    &a.data.tokens[id]
}

fn session<'a>(a: &Ask<'a>) -> &'a entity::session::Model {
    let Thing::Session(id) = a.thing else { unreachable!() };
    &a.data.sessions[id]
}

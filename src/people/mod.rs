//! People: inviting them, giving and taking roles, what a person changes about himself, erasing, exporting.

mod accept;
mod erase;
mod export;
mod grant_add;
mod grant_remove;
mod invite;
mod update;

pub use accept::{InvitationAccept, Secret};
pub use erase::{AccountErase, erase};
pub use export::{AccountExport, document};
pub use grant_add::{GrantAdd, add};
pub use grant_remove::{GrantRemove, remove};
pub use invite::{AccountInvite, Issued};
pub use update::AccountUpdate;

use entity::enums::Role;
use sea_orm::ActiveEnum;

fn role_as_text<S: serde::Serializer>(role: &Role, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&role.to_value())
}

fn roles_as_text<S: serde::Serializer>(roles: &[Role], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_seq(roles.iter().map(ActiveEnum::to_value))
}

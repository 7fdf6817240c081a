//! A set of roles: which of its maker's roles a credential carries.

use entity::enums::Role;
use sea_orm::{ActiveEnum, Iterable};

use crate::error::{Error, Result};

/// Roles that a credential carries. Of those the account does not hold, it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Roles(u8);

impl Roles {
    /// Whatever the account holds, roles that are yet to come too.
    pub const ALL: Roles = Roles(u8::MAX);

    pub fn of(roles: &[Role]) -> Roles {
        Roles(roles.iter().fold(0, |bits, role| bits | bit(*role)))
    }

    pub fn has(self, role: Role) -> bool {
        self.0 & bit(role) != 0
    }

    pub fn are_all(self) -> bool {
        self == Roles::ALL
    }

    /// Those of the roles that there are, in their order.
    pub fn list(self) -> Vec<Role> {
        Role::iter().filter(|role| self.has(*role)).collect()
    }

    /// As the database has it: names with commas between them; `None` for all.
    pub fn to_text(self) -> Option<String> {
        let names = || self.list().iter().map(|role| role.to_value()).collect::<Vec<_>>().join(",");
        (!self.are_all()).then(names)
    }

    pub fn from_text(text: Option<&str>) -> Result<Roles> {
        let Some(text) = text else { return Ok(Roles::ALL) };
        let unknown = |_| Error::Internal(format!("a token's roles are unknown: {text}"));
        let names = text.split(',').filter(|name| !name.is_empty());
        let roles: Vec<Role> =
            names.map(|name| Role::try_from_value(&name.to_owned()).map_err(unknown)).collect::<Result<_>>()?;
        Ok(Roles::of(&roles))
    }

    /// A condition: the column holds one of the roles.
    pub(super) fn condition(self, column: &str) -> String {
        let names: Vec<String> = self.list().iter().map(|role| format!("'{}'", role.to_value())).collect();
        match names.as_slice() {
            _ if self.are_all() => "TRUE".to_owned(),
            [] => "FALSE".to_owned(),
            names => format!("{column} IN ({})", names.join(", ")),
        }
    }
}

fn bit(role: Role) -> u8 {
    match role {
        Role::Member => 1,
        Role::Reviewer => 2,
        Role::Analyst => 4,
        Role::Admin => 8,
        Role::Operator => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_stored_by_names() {
        let some = Roles::of(&[Role::Analyst, Role::Member]);
        assert_eq!(some.to_text().as_deref(), Some("MEMBER,ANALYST"));
        assert_eq!(Roles::from_text(Some("ANALYST,MEMBER")).unwrap(), some);
        assert_eq!(Roles::of(&[]).to_text().as_deref(), Some(""));
        assert_eq!(Roles::from_text(Some("")).unwrap(), Roles::of(&[]));
        assert_eq!(Roles::from_text(Roles::ALL.to_text().as_deref()).unwrap(), Roles::ALL);
        assert!(Roles::from_text(Some("KING")).is_err());
    }

    #[test]
    fn every_role_has_a_place_of_its_own() {
        for role in Role::iter() {
            assert_eq!(Roles::of(&[role]).list(), [role]);
            assert!(Roles::ALL.has(role));
        }
    }
}

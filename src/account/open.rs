//! Opening accounts, for the command line and the demo.

use entity::enums::Role;
use entity::{account, role_grant};
use sea_orm::ActiveEnum;

use crate::app::App;
use crate::error::{ErrorCode, Faults, Result, UserError};
use crate::store::{Conflict, Tx};
use crate::text::{self, message};

/// A person to be given an account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub display_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Code of the unit the person belongs to.
    pub unit: String,
    /// Unit code and role.
    pub grants: Vec<(String, Role)>,
    pub consent: bool,
}

/// An e-mail address in the form in which it is unique.
pub fn email_key(text: &str) -> std::result::Result<String, UserError> {
    let email = text::line("email", text, 254)?.to_lowercase();
    let whole = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if whole && !email.contains(char::is_whitespace) {
        Ok(email)
    } else {
        Err(UserError::new(ErrorCode::Invalid, "email", message!("this is not an e-mail address")))
    }
}

/// A phone number in the form in which it is unique: + and digits, 0 at the front meaning Vietnam.
pub fn phone_key(text: &str) -> std::result::Result<String, UserError> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
    let international = match digits.strip_prefix('0') {
        Some(rest) => format!("+84{rest}"),
        None => digits,
    };
    let plain = international.strip_prefix('+').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()));
    if plain && (8..=16).contains(&international.len()) {
        Ok(international)
    } else {
        Err(UserError::new(ErrorCode::Invalid, "phone", message!("this is not a phone number such as +84912345678")))
    }
}

/// Opens the account with its grants and answers its id.
pub async fn open(app: &App, tx: &Tx, new: &NewAccount) -> Result<i64> {
    let mut faults = Faults::default();
    let display_name = faults.take(text::line("name", &new.display_name, 200));
    let email = faults.take(new.email.as_deref().map(email_key).transpose());
    let phone = faults.take(new.phone.as_deref().map(phone_key).transpose());
    let mut codes = vec![new.unit.clone()];
    codes.extend(new.grants.iter().map(|(code, _)| code.clone()));
    let mut units = Vec::new();
    for code in &codes {
        units.push(faults.take(unit(tx, code).await?));
    }
    for ((code, role), unit) in new.grants.iter().zip(units.iter().skip(1)) {
        if *role == Role::Operator && unit.is_some_and(|(_, root)| !root) {
            let message = message!("{role} is a role at the root alone, not at {code}", role = role.to_value(), code);
            faults.add(ErrorCode::Invalid, "grant", message);
        }
    }
    let ((display_name, email), phone) = faults.finish_with(display_name.zip(email).zip(phone))?;

    let id = app.new_id();
    let at = app.now();
    let unit_ids: Vec<i64> = units.into_iter().flatten().map(|(id, _)| id).collect();
    let row = account::Model {
        id,
        display_name,
        email,
        phone,
        unit_id: unit_ids.first().copied(),
        consent: new.consent,
        created_at: at,
        erased_at: None,
    };
    if tx.insert::<account::Entity>(&[row], Conflict::Keep).await? == 0 {
        let message = message!("another account has this e-mail address or phone number");
        return Err(crate::error::Error::user(ErrorCode::CodeNotAvailable, "email", message));
    }
    let grants: Vec<_> = new
        .grants
        .iter()
        .zip(unit_ids.iter().skip(1))
        .map(|((_, role), unit_id)| role_grant::Model {
            id: app.new_id(),
            account_id: id,
            unit_id: *unit_id,
            role: *role,
            granted_at: at,
        })
        .collect();
    tx.insert::<role_grant::Entity>(&grants, Conflict::Keep).await?;
    Ok(id)
}

#[derive(sea_orm::FromQueryResult)]
struct Place {
    id: i64,
    depth: i32,
}

/// The unit's id, and whether it is the root.
async fn unit(tx: &Tx, code: &str) -> Result<std::result::Result<(i64, bool), UserError>> {
    let mut sql = tx.sql("SELECT id, depth FROM unit WHERE code = ");
    let bound = sql.bind(code);
    sql.push(&bound);
    let place: Option<Place> = tx.one(sql).await?;
    let missing = || UserError::new(ErrorCode::UnknownCode, "unit", message!("no unit has the code \"{code}\"", code));
    Ok(place.map(|place| (place.id, place.depth == 0)).ok_or_else(missing))
}

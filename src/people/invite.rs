//! `accountInvite`: an account that waits for its person, and the one-time token by which he comes in.

use std::sync::{Arc, Mutex, PoisonError};

use entity::enums::{AuditObject, OneTimePurpose, Role};
use entity::{account, role_grant};
use sea_orm::ActiveEnum;
use serde::Serialize;

use crate::access::{Right, places};
use crate::account::{IssuedToken, email_key, one_time, phone_key, write_down};
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Faults, Result};
use crate::store::Conflict;
use crate::text::{self, message};
use crate::unit;

/// Where a command leaves a token for the one answer that shows it.
#[derive(Clone, Default)]
pub struct Issued(Arc<Mutex<Option<IssuedToken>>>);

impl Issued {
    pub fn take(&self) -> Option<IssuedToken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, token: IssuedToken) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }
}

/// Looks nobody up, so that it answers the same whoever is known already.
#[derive(Serialize)]
pub struct AccountInvite {
    pub display_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub unit: String,
    #[serde(serialize_with = "super::roles_as_text")]
    pub roles: Vec<Role>,
    #[serde(skip)]
    pub issued: Issued,
}

impl Command for AccountInvite {
    const NAME: &'static str = "accountInvite";

    fn about(&self) -> About<'_> {
        About::Unit(&self.unit)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (app, tx) = (work.app, work.tx);
        work.viewer.in_person()?;
        let unit = unit::find_for(tx, work.viewer, &self.unit, Right::Invite).await?;
        let places = places(tx, work.viewer, &[unit.id]).await?.remove(&unit.id).unwrap_or_default();
        if let Some(role) = self.roles.iter().find(|role| !places.permit(Right::Grant(**role))) {
            return Err(Error::Forbidden(message!("you may not give the role {role} here", role = role.to_value())));
        }
        let mut faults = Faults::default();
        let display_name = faults.take(text::line("displayName", &self.display_name, 200));
        let email = faults.take(self.email.as_deref().map(email_key).transpose());
        let phone = faults.take(self.phone.as_deref().map(phone_key).transpose());
        if self.roles.is_empty() {
            faults.add(ErrorCode::Required, "roles", message!("name at least one role, such as MEMBER"));
        }
        let ((display_name, email), phone) = faults.finish_with(display_name.zip(email).zip(phone))?;

        let (id, at) = (app.new_id(), app.now());
        let row = account::Model {
            id,
            display_name: display_name.clone(),
            email: None,
            phone: None,
            unit_id: Some(unit.id),
            consent: false,
            created_at: at,
            erased_at: None,
        };
        tx.insert::<account::Entity>(&[row], Conflict::Fail).await?;
        let grant = |role: &Role| role_grant::Model {
            id: app.new_id(),
            account_id: id,
            unit_id: unit.id,
            role: *role,
            granted_at: at,
        };
        let grants: Vec<_> = self.roles.iter().map(grant).collect();
        tx.insert::<role_grant::Entity>(&grants, Conflict::Keep).await?;
        write_down(app, tx, id, [email.clone(), phone.clone()], Some(work.account)).await?;
        let holds = app.config.identity.invitation();
        let token = one_time::issue(app, tx, id, OneTimePurpose::Invitation, Some(work.account), holds).await?;
        self.issued.put(token);
        let roles: Vec<String> = self.roles.iter().map(ActiveEnum::to_value).collect();
        Ok(Done::of(AuditObject::Account, id, unit.id)
            .field("roles", None, Some(roles.join(",")))
            .personal(id, "displayName", None, Some(display_name))
            .personal(id, "email", None, email)
            .personal(id, "phone", None, phone))
    }
}

//! `invitationAccept`: somebody who has an account takes an invitation's roles over.

use entity::enums::{AuditObject, OneTimePurpose};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::account::{erase_account, hold, one_time, open_invitation};
use crate::audit;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Result};
use crate::store::RowLock;
use crate::text::message;

/// A one-time token in a client's hands: kept nowhere.
pub struct Secret(pub String);

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&Sha256::digest(&self.0))
    }
}

#[derive(Serialize)]
pub struct InvitationAccept {
    pub token: Secret,
}

impl Command for InvitationAccept {
    const NAME: &'static str = "invitationAccept";

    fn about(&self) -> About<'_> {
        About::Federation
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (app, tx) = (work.app, work.tx);
        let me = work.viewer.in_person()?;
        let guest = one_time::redeem(app, tx, &self.token.0, &[OneTimePurpose::Invitation]).await?;
        let there = [hold(tx, me.min(guest), RowLock::Update).await?, hold(tx, me.max(guest), RowLock::Update).await?];
        let waiting = open_invitation(tx, guest).await?.filter(|_| there.iter().all(Option::is_some));
        let Some(invitation) = waiting else { return Err(one_time::refused().into()) };
        if invitation.invited_by == Some(me) {
            let message = message!("this invitation is your own: nobody gives a role to himself");
            return Err(Error::user(ErrorCode::OwnAccount, "token", message));
        }
        let mut sql = tx.sql("UPDATE role_grant SET account_id = ");
        let (me_, guest_) = (sql.bind(me), sql.bind(guest));
        sql.push(&format!(
            "{me_} WHERE account_id = {guest_} AND NOT EXISTS (SELECT 1 FROM role_grant o WHERE o.account_id = {me_} \
             AND o.unit_id = role_grant.unit_id AND o.role = role_grant.role)"
        ));
        tx.run(sql).await?;
        // What stays of the guest is what he had twice.
        erase_account(app, tx, guest).await?;
        audit::forget(tx, guest).await?;
        // The unit whose officer he is from now on.
        let unit = there[usize::from(guest > me)].as_ref().and_then(|guest| guest.unit_id);
        Ok(Done::of(AuditObject::Account, me, unit).always("invited", Some(guest), None))
    }
}

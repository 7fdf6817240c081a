//! Mutations of people and their roles.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::perform::{UserError, payload, perform};
use crate::graphql::account::{Account, Grant};
use crate::graphql::batches::{GrantById, OpenAccount};
use crate::graphql::enums::Role;
use crate::graphql::error::expose;
use crate::graphql::id::NodeId;
use crate::graphql::operation::operation;
use crate::graphql::scalars::DateTime;
use crate::people::{AccountInvite, GrantAdd, GrantRemove, InvitationAccept, Issued, Secret};

payload!(GrantAddPayload { grant: Grant } by GrantById);
payload!(InvitationAcceptPayload { account: Account } by OpenAccount);

/// Somebody to be invited.
#[derive(InputObject)]
struct AccountInviteInput {
    /// The name that others see; the person may change it.
    display_name: String,
    /// E-mail address; becomes a name to sign in with when the person comes. Whoever has an account with it by then takes the roles over
    /// into that one (`invitationAccept`); the token opens no second one.
    email: Option<String>,
    /// Phone number; the same.
    phone: Option<String>,
    /// Code of the unit that the person belongs to.
    unit: String,
    /// Roles at that unit, one at least.
    roles: Vec<Role>,
    /// Makes a repeated mutation answer what the first one answered, but for the token; at most 200 characters.
    idempotency_key: Option<String>,
}

/// What the mutation answers: done where `userErrors` is empty.
#[derive(SimpleObject)]
pub struct AccountInvitePayload {
    /// The account, which waits for its person; null where nothing was changed.
    account: Option<Account>,
    /// A one-time token to hand to the person, by which he chooses a password, links his identity, or takes the roles over into
    /// the account that he has. Shown once: null when the mutation is repeated with its key.
    token: Option<String>,
    /// Until when the token holds.
    expires_at: Option<DateTime>,
    /// What the caller can mend; empty: done, all of it.
    user_errors: Vec<UserError>,
}

/// An invitation to be taken over into the account that one has.
#[derive(InputObject)]
struct InvitationAcceptInput {
    /// The one-time token.
    token: String,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// A role to be given.
#[derive(InputObject)]
struct GrantAddInput {
    /// Id of the account, of a person whom one sees as an admin.
    account: ID,
    /// Code of the unit.
    unit: String,
    /// The role, at the unit and everything below it.
    role: Role,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// A role to be taken away.
#[derive(InputObject)]
struct GrantRemoveInput {
    /// Id of the grant.
    id: ID,
    /// Also where the unit itself is left without an ADMIN. Never done at the root.
    #[graphql(default)]
    even_if_last: bool,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// What the mutation answers: done where `userErrors` is empty.
#[derive(SimpleObject)]
pub struct GrantRemovePayload {
    /// The id of the grant that was taken away; null where nothing was changed.
    id: Option<ID>,
    /// What the caller can mend; empty: done, all of it.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct PeopleMutation;

#[Object]
impl PeopleMutation {
    /// Opens an account for somebody and answers a one-time token to hand to him. Answers the same whether or not the federation
    /// knows him already. Needs ADMIN at the unit or above, in person.
    async fn account_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: AccountInviteInput,
    ) -> Result<AccountInvitePayload> {
        let issued = Issued::default();
        let command = AccountInvite {
            display_name: input.display_name,
            email: input.email,
            phone: input.phone,
            unit: input.unit,
            roles: input.roles.into_iter().map(Into::into).collect(),
            issued: issued.clone(),
        };
        AccountInvitePayload::of(ctx, perform(ctx, input.idempotency_key, command).await?, &issued).await
    }

    /// Takes the roles of an invitation over into the account that one is signed in to, in person; the waiting account is gone
    /// then. Not for whoever made the invitation.
    async fn invitation_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation.")] input: InvitationAcceptInput,
    ) -> Result<InvitationAcceptPayload> {
        let command = InvitationAccept { token: Secret(input.token) };
        InvitationAcceptPayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }

    /// Gives a role to a person of one's units, or to an officer of them; others are invited. Needs ADMIN at the unit or above, for
    /// OPERATOR an OPERATOR, in person. Nobody gives a role to himself.
    async fn grant_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To whom, where, and which role.")] input: GrantAddInput,
    ) -> Result<GrantAddPayload> {
        // What is no account's id names no account.
        let account = NodeId::account(&input.account).unwrap_or(0);
        let command = GrantAdd { account, unit: input.unit, role: input.role.into() };
        GrantAddPayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }

    /// Takes a role away, or gives up one's own. Needs what giving it needs, in person.
    async fn grant_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: GrantRemoveInput,
    ) -> Result<GrantRemovePayload> {
        let id = match NodeId::decode(&input.id) {
            Some(NodeId::Grant(id)) => id,
            _ => 0,
        };
        let command = GrantRemove { id, even_if_last: input.even_if_last };
        match perform(ctx, input.idempotency_key, command).await? {
            Ok(id) => Ok(GrantRemovePayload { id: Some(NodeId::Grant(id).encode()), user_errors: Vec::new() }),
            Err(user_errors) => Ok(GrantRemovePayload { id: None, user_errors }),
        }
    }
}

impl AccountInvitePayload {
    async fn of(ctx: &Context<'_>, outcome: super::perform::Outcome, issued: &Issued) -> Result<Self> {
        let id = match outcome {
            Ok(id) => id,
            Err(user_errors) => return Ok(Self { account: None, token: None, expires_at: None, user_errors }),
        };
        let op = operation(ctx)?;
        let issued = issued.take();
        let zone = op.app.config.time_zone;
        let expires_at = issued.as_ref().map(|issued| DateTime::new(zone, issued.expires_at));
        let account = op.load::<OpenAccount>(id).await.map_err(expose)?.map(Account);
        Ok(Self { account, token: issued.map(|issued| issued.secret), expires_at, user_errors: Vec::new() })
    }
}

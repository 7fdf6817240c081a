//! Mutations of API tokens.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::perform::{UserError, payload, perform};
use crate::account::api_token::{self, TokenRevoke};
use crate::command::execute;
use crate::graphql::batches::ApiTokenById;
use crate::graphql::enums::{self, Role};
use crate::graphql::error::expose;
use crate::graphql::id::NodeId;
use crate::graphql::identity::ApiToken;
use crate::graphql::operation::operation;
use crate::graphql::scalars::DateTime;

payload!(TokenRevokePayload { token: ApiToken } by ApiTokenById);

/// What the mutation answers: done where `userErrors` is empty.
#[derive(SimpleObject)]
pub struct TokenCreatePayload {
    /// The token without its secret; null where nothing was made.
    token: Option<ApiToken>,
    /// What the program sends: `Authorization: Bearer <secret>`. Shown once, here; null where the mutation was repeated.
    secret: Option<String>,
    /// What the caller can mend; empty: done.
    user_errors: Vec<UserError>,
}

/// An API token to be made.
#[derive(InputObject)]
struct TokenCreateInput {
    /// What it is for.
    name: String,
    /// The roles that it carries; one holds each of them.
    roles: Vec<Role>,
    /// Code of the unit that bounds it; left out: wherever one holds the roles.
    unit: Option<String>,
    /// Its end, at most 366 days from now; left out: 90 days from now.
    expires_at: Option<DateTime>,
    /// Makes a repeated mutation answer what the first one answered, without the secret; at most 200 characters.
    idempotency_key: Option<String>,
}

/// An API token, one's own or one of a person whom one may reset.
#[derive(InputObject)]
struct TokenRevokeInput {
    /// Its id.
    id: ID,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

#[derive(Default)]
pub struct TokenMutation;

#[Object]
impl TokenMutation {
    /// Makes a token for a program, with roles no wider than one's own. It never has more than its maker holds at that moment. Not by
    /// an API token.
    async fn token_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: TokenCreateInput,
    ) -> Result<TokenCreatePayload> {
        let op = operation(ctx)?;
        let roles = enums::list(Some(input.roles)).unwrap_or_default();
        let expires_at = input.expires_at.as_ref().map(DateTime::millis);
        let command = api_token::TokenCreate::new(&op.app, input.name, roles, input.unit, expires_at);
        let made = execute(&op.app, &op.caller, input.idempotency_key.as_deref(), &command).await;
        op.renew().await;
        match super::perform::settled(op, made)? {
            Err(user_errors) => Ok(TokenCreatePayload { token: None, secret: None, user_errors }),
            Ok(id) => {
                let row = op.load::<ApiTokenById>(id).await.map_err(expose)?;
                let secret = row.as_ref().and_then(|row| command.secret_of(row)).map(str::to_owned);
                Ok(TokenCreatePayload { token: row.map(ApiToken), secret, user_errors: Vec::new() })
            }
        }
    }

    /// Ends an API token of one's own, at once; or one of somebody else's, with ADMIN at the person's unit or above and authority over
    /// all of his roles. The audit log tells its id. In person: not by an API token.
    async fn token_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: TokenRevokeInput,
    ) -> Result<TokenRevokePayload> {
        let command = TokenRevoke { id: NodeId::api_token(&input.id) };
        TokenRevokePayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }
}

//! Mutations of a person himself: what is stored about him.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};

use super::perform::{UserError, payload, perform, settled};
use crate::command::check_key;
use crate::graphql::account::Account;
use crate::graphql::batches::OpenAccount;
use crate::graphql::error::expose;
use crate::graphql::id::NodeId;
use crate::graphql::operation::operation;
use crate::people::{AccountErase, AccountExport, AccountUpdate, document};

payload!(AccountUpdatePayload { account: Account } by OpenAccount);

/// What one changes about oneself; what is left out stays.
#[derive(InputObject)]
struct AccountUpdateInput {
    /// The name that others see.
    display_name: Option<String>,
    /// E-mail address, a name to sign in with; null takes it away.
    email: MaybeUndefined<String>,
    /// Phone number, a name to sign in with; null takes it away.
    phone: MaybeUndefined<String>,
    /// Whether one's name may be shown to people outside one's unit.
    consent: Option<bool>,
    /// One's present password: needed to change e-mail or phone where one has a password.
    current_password: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// Whose personal data are to go.
#[derive(InputObject)]
struct AccountEraseInput {
    /// Id of the account.
    id: ID,
    /// Also where a unit is left without an ADMIN of its own. Never done at the root.
    #[graphql(default)]
    even_if_last: bool,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// What the mutation answers: done where `userErrors` is empty.
#[derive(SimpleObject)]
pub struct AccountErasePayload {
    /// The id of the account that was erased; null where nothing was changed.
    id: Option<ID>,
    /// What the caller can mend; empty: done, all of it.
    user_errors: Vec<UserError>,
}

/// Whose data are to be read.
#[derive(InputObject)]
struct AccountExportInput {
    /// Id of the account.
    id: ID,
    /// Taken as everywhere, and without effect: each export is allowed, recorded and read anew.
    idempotency_key: Option<String>,
}

/// What the mutation answers: done where `userErrors` is empty.
#[derive(SimpleObject)]
pub struct AccountExportPayload {
    /// A JSON document with everything that is stored about the person, secrets' hashes excepted; null where it was not done.
    document: Option<String>,
    /// What the caller can mend; empty: done, all of it.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct PersonMutation;

#[Object]
impl PersonMutation {
    /// Changes one's own name, addresses and consent, in person. Whoever has a password gives it to change an address.
    async fn account_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: AccountUpdateInput,
    ) -> Result<AccountUpdatePayload> {
        let op = operation(ctx)?;
        let (account, display_name) = (op.viewer.id_or_zero(), input.display_name);
        let (email, phone) = (or_blank(input.email), or_blank(input.phone));
        let (consent, current_password) = (input.consent, input.current_password);
        let held = Default::default();
        let command = AccountUpdate { account, display_name, email, phone, consent, current_password, held };
        let outcome = match command.admitted(&op.app, &op.caller).await {
            Ok(command) => perform(ctx, input.idempotency_key, command).await?,
            Err(error) => settled(op, Err(error))?,
        };
        AccountUpdatePayload::of(ctx, outcome).await
    }

    /// Takes away the personal data of an account and every way into it; every count stays. For oneself, or with ADMIN at the
    /// person's unit or above and authority over all of his roles; in person.
    async fn account_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: AccountEraseInput,
    ) -> Result<AccountErasePayload> {
        let id = NodeId::account(&input.id).unwrap_or(0);
        let command = AccountErase { id, even_if_last: input.even_if_last };
        match perform(ctx, input.idempotency_key, command).await? {
            Ok(id) => Ok(AccountErasePayload { id: Some(NodeId::Account(id).encode()), user_errors: Vec::new() }),
            Err(user_errors) => Ok(AccountErasePayload { id: None, user_errors }),
        }
    }

    /// Everything that is stored about a person. For oneself, or with ADMIN at the person's unit or above and authority over all
    /// of his roles; in person. The audit log tells of it.
    async fn account_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: AccountExportInput,
    ) -> Result<AccountExportPayload> {
        if let Err(error) = check_key(input.idempotency_key.as_deref()) {
            return Ok(AccountExportPayload { document: None, user_errors: vec![error.into()] });
        }
        let id = NodeId::account(&input.id).unwrap_or(0);
        // A kept answer would open the document to somebody whose rights are gone.
        let id = match perform(ctx, None, AccountExport { id }).await? {
            Ok(id) => id,
            Err(user_errors) => return Ok(AccountExportPayload { document: None, user_errors }),
        };
        let op = operation(ctx)?;
        let config = op.app.config.clone();
        let read = op.read(move |tx| async move { document(&tx, &config, id).await });
        Ok(AccountExportPayload { document: Some(read.await.map_err(expose)?), user_errors: Vec::new() })
    }
}

fn or_blank(value: MaybeUndefined<String>) -> Option<String> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(String::new()),
        MaybeUndefined::Value(text) => Some(text),
    }
}

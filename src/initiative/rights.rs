//! What a viewer may do with an initiative: by his grants, and by being an author or not.

use std::collections::HashMap;
use std::sync::Arc;

use entity::enums::Action;
use entity::initiative::Model;

use super::authors::authors;
use super::state;
use crate::access::{Places, Right, Viewer, places};
use crate::error::{Error, ErrorCode, Result};
use crate::store::Tx;
use crate::text::message;

/// What an account is to an initiative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    FirstAuthor,
    CoAuthor,
    Other,
}

impl Standing {
    /// `named`: among the authors.
    pub(super) fn among(account: i64, row: &Model, named: bool) -> Standing {
        match (row.first_author_id == account, named) {
            (true, _) => Standing::FirstAuthor,
            (false, true) => Standing::CoAuthor,
            (false, false) => Standing::Other,
        }
    }
}

/// Pure: whether the action is allowed, whatever the state.
pub fn permitted(viewer: Viewer, action: Action, standing: Standing, places: &Places) -> Result<()> {
    let first_author = || match standing {
        Standing::FirstAuthor if viewer.may_author() => Ok(()),
        Standing::FirstAuthor => Err(Error::Forbidden(message!("the API token does not carry the role MEMBER"))),
        _ => Err(Error::Forbidden(message!("only the first author may do this"))),
    };
    match action {
        Action::Edit | Action::Withdraw => first_author(),
        Action::Submit => {
            first_author()?;
            granted(action, places)
        }
        Action::Return | Action::Approve | Action::Reject | Action::Revoke => {
            granted(action, places)?;
            match standing {
                Standing::Other => Ok(()),
                _ => Err(Error::user(
                    ErrorCode::OwnInitiative,
                    "id",
                    message!("nobody decides on an initiative of his own"),
                )),
            }
        }
        Action::Draft
        | Action::CreateUnit
        | Action::Rename
        | Action::Move
        | Action::SetTarget
        | Action::SetCluster
        | Action::Grant => Err(Error::Forbidden(message!("this is not done to an initiative"))),
    }
}

fn granted(action: Action, places: &Places) -> Result<()> {
    if places.permit(Right::Do(action)) {
        return Ok(());
    }
    let needed = match action {
        Action::Submit => message!("the role MEMBER at the initiative's unit or above"),
        Action::Revoke => message!("the role REVIEWER at a unit above the initiative's"),
        _ => message!("the role REVIEWER at the initiative's unit or above"),
    };
    Err(Error::Forbidden(message!("this needs {role}", role = needed)))
}

/// What the viewer may do with each initiative as it stands; two statements.
pub async fn actions(tx: &Tx, viewer: Viewer, rows: &[Arc<Model>]) -> Result<HashMap<i64, Vec<Action>>> {
    const ALL: [Action; 7] = [
        Action::Edit,
        Action::Submit,
        Action::Withdraw,
        Action::Return,
        Action::Approve,
        Action::Reject,
        Action::Revoke,
    ];
    let Some(account) = viewer.account() else { return Ok(HashMap::new()) };
    let units: Vec<i64> = rows.iter().map(|row| row.unit_id).collect();
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let places = places(tx, viewer, &units).await?;
    let authors = authors(tx, &ids).await?;
    let actions = rows.iter().map(|row| {
        let named = authors.get(&row.id).is_some_and(|list| list.iter().any(|author| author.account == account));
        let standing = Standing::among(account, row, named);
        let places = places.get(&row.unit_id).cloned().unwrap_or_default();
        let may = |action: &Action| {
            state::next(row.state, *action).is_ok() && permitted(viewer, *action, standing, &places).is_ok()
        };
        (row.id, ALL.into_iter().filter(may).collect())
    });
    Ok(actions.collect())
}

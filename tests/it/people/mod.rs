//! People: invited, appointed, relieved, erased, exported; and who may do that to whom.

mod command_line;
mod grants;
mod invite;
mod person;
mod races;

//! How people and programs come in, and how far.

mod tokens;

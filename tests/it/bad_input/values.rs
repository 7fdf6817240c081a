//! Values that should not be: by the type that a client was asked for.

use serde_json::{Value, json};

/// More than any text may have.
pub fn long() -> String {
    "ă".repeat(30_000)
}

/// What every value of the type must not be, wherever it stands. Left out and null are added where a value is required.
pub fn hostile(ty: &str) -> Vec<Value> {
    match ty {
        "String" => {
            vec![json!(7), json!(true), json!(["a", "b"]), json!({}), json!("a\0b"), json!("\0"), json!(long())]
        }
        "ID" => vec![
            json!(""),
            json!("x"),
            json!(-1),
            json!("\0"),
            json!("ă"),
            json!(long()),
            json!(["a", "b"]),
            json!({}),
            json!(1.5),
            json!("dQAAAAAAAAAB"),
            json!("aQAAAAAAAAAA"),
            json!("zQAAAAAAAAAB"),
            json!("cgAAAAAAAAABAAAAAAAAAAF7"),
        ],
        "Int" => vec![
            json!("1"),
            json!(1.5),
            json!(2_147_483_648_i64),
            json!(-2_147_483_649_i64),
            json!(u64::MAX),
            json!(1e300),
            json!(true),
            json!([1, 2]),
            json!(-1),
        ],
        "Float" => vec![
            json!("50"),
            json!("NaN"),
            json!(true),
            json!([1, 2]),
            json!(0),
            json!(-0.0),
            json!(-1),
            json!(100),
            json!(100.5),
            json!(33.333),
            json!(1e-9),
            json!(1e308),
            json!(u64::MAX),
        ],
        "Boolean" => vec![json!("true"), json!(1), json!([true, false]), json!({})],
        "BigInt" => vec![
            json!(10_000_000_000_000_000_000_u64),
            json!("10000000000000000000"),
            json!("-9223372036854775809"),
            json!(-1),
            json!("-1"),
            json!(1.5),
            json!("1.5"),
            json!("1e3"),
            json!("0x1F"),
            json!("+1"),
            json!(" 1"),
            json!(""),
            json!("1\0"),
            json!("١"),
            json!(10_000_000_000_001_i64),
            json!("10000000000001"),
            json!(true),
            json!([1, 2]),
            json!({}),
        ],
        "Date" => vec![
            json!("2022-02-30"),
            json!("2022-13-01"),
            json!("99999-01-01"),
            json!("+2022-1-01"),
            json!("2022-1-1"),
            json!("20220101"),
            json!("2022-01-01T00:00:00Z"),
            json!("2022-001-1"),
            json!("0000-01-01"),
            json!("-001-01-01"),
            json!("hôm nay"),
            json!(""),
            json!("\0"),
            json!(20_220_101),
            json!({}),
            json!(["2022-01-01", "2022-01-02"]),
        ],
        // Every enumeration, and objects of any kind.
        _ => vec![json!("NOPE"), json!(""), json!("\0"), json!(7), json!(true), json!(["NOPE"]), json!({ "nope": 1 })],
    }
}

/// Text that a program which pastes texts together would stumble over; as search, code or title it is like any other.
pub const TRICKY: [&str; 9] =
    ["'; DROP TABLE unit; --", "%", "_", "\\", "%_\\%", "\u{202e}abc", "$1", "{\"a\":1}", "\u{feff}\u{ffff}\u{10ffff}"];

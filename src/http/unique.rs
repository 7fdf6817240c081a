//! JSON whose outermost objects tell when a name stands in them twice: which of the two is meant, readers do not agree on.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A value, and a name that stands twice in it: in the object that it is, or in one of the list that it is.
#[derive(Debug)]
pub struct Unique {
    pub value: Value,
    pub twice: Option<String>,
}

impl Unique {
    fn plain(value: impl Into<Value>) -> Unique {
        Unique { value: value.into(), twice: None }
    }
}

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Unique, D::Error> {
        deserializer.deserialize_any(Outermost)
    }
}

struct Outermost;

impl<'de> Visitor<'de> for Outermost {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
        let (mut object, mut twice) = (Map::new(), None);
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            if object.contains_key(&name) {
                twice.get_or_insert_with(|| name.clone());
            }
            object.insert(name, value);
        }
        Ok(Unique { twice, ..Unique::plain(object) })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        let (mut list, mut twice) = (Vec::new(), None);
        while let Some(item) = items.next_element::<Unique>()? {
            list.push(item.value);
            twice = twice.or(item.twice);
        }
        Ok(Unique { twice, ..Unique::plain(list) })
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique::plain(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Unique, E> {
        Ok(Unique::plain(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Unique, E> {
        Ok(Unique::plain(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Unique, E> {
        Ok(Unique::plain(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Unique, E> {
        Ok(Unique::plain(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Unique, E> {
        Ok(Unique::plain(value))
    }
}

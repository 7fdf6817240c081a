//! Units whose records are credited to the same others at the same times: very many units are of few classes.

use std::collections::HashMap;

use crate::rollup::Grade;

/// Records first submitted from the one instant to the other are credited to a unit whose history is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Path {
    pub keeper: i64,
    /// Through the tree as it was reported, else through the tree now.
    pub reported: bool,
    pub since: i64,
    pub until: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Class {
    pub bloc: Option<String>,
    /// Units that keep cells for it now.
    pub keepers: Vec<i64>,
    pub paths: Vec<Path>,
}

/// Units whose history is kept through one of the trees, and the grades in which it is built.
pub(super) type Kept = HashMap<(i64, bool), Vec<Grade>>;

#[derive(Default)]
pub(super) struct Classes {
    pub kept: Kept,
    classes: Vec<Class>,
    numbers: HashMap<Class, u32>,
}

impl Classes {
    /// The number of no class.
    pub const NONE: u32 = u32::MAX;

    pub fn number(&mut self, class: Class) -> u32 {
        if let Some(number) = self.numbers.get(&class) {
            return *number;
        }
        let number = u32::try_from(self.classes.len()).unwrap_or(Self::NONE);
        self.classes.push(class.clone());
        self.numbers.insert(class, number);
        number
    }

    pub fn get(&self, number: u32) -> Option<&Class> {
        self.classes.get(number as usize)
    }
}

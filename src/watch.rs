//! Who watches long work.

/// Told of every step and of what is done of it.
pub trait Watch: Sync {
    /// A step begins, of so many parts; 0: nobody knows.
    fn begin(&self, step: &str, parts: u64);

    /// So many more parts are done.
    fn advance(&self, parts: u64);
}

/// Nobody watches.
impl Watch for () {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
}

//! Whose budget a request spends, and whose turn it takes.

use std::net::{IpAddr, Ipv6Addr};

use crate::access::Caller;

/// An account, or where nobody is signed in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    Account(i64),
    Address(IpAddr),
    /// Neither is known: all of them together.
    Nobody,
}

impl Payer {
    pub fn of(caller: &Caller) -> Payer {
        match (caller.viewer.account(), caller.address) {
            (Some(account), _) => Payer::Account(account),
            (None, Some(address)) => Payer::Address(one_customer(address)),
            (None, None) => Payer::Nobody,
        }
    }
}

/// A customer of IPv6 has a network of 64 bits to himself, and as many addresses as he likes.
fn one_customer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_customer_are_one() {
        let one = |text: &str| one_customer(text.parse().unwrap()).to_string();
        assert_eq!(one("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(one("203.0.113.9"), "203.0.113.9");
        assert_eq!(one("::ffff:203.0.113.9"), "203.0.113.9");
    }
}

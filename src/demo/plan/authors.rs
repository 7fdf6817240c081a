//! Who wrote what: a first author below the direct unit, and now and then co-authors.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::people::{Members, Wave};
use super::programme::{ENTERPRISE_WORKER, PUBLIC_SERVICE_UNIT, UNION_OFFICER};
use super::units::{Ground, Workplace};

/// People in the order in which they are first drawn; those before `fresh` have been drawn.
#[derive(Default)]
struct Pool {
    order: Vec<u32>,
    fresh: usize,
}

/// The people of one direct unit by their kind of workplace, and all together.
#[derive(Default)]
struct Pools {
    service: Pool,
    enterprise: Pool,
    office: Pool,
    all: Pool,
    /// Those of the local union whose count is published, who are in no other pool.
    local: Pool,
}

/// Where an initiative comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    /// Index of the direct unit.
    pub direct: usize,
    /// Index of the group.
    pub group: usize,
    /// Whether it belongs to the local union whose count is published.
    pub local: bool,
}

/// Draws authors; remembers how much each person has written.
pub(super) struct Authors {
    pools: Vec<Pools>,
    /// For each unit whether it belongs to that local union.
    local: Vec<bool>,
    /// People by unit, of the waves that have begun.
    by_unit: Vec<Vec<u32>>,
    written: Vec<u32>,
}

impl Authors {
    /// Nobody has written anything yet.
    pub(super) fn new(rng: &mut impl Rng, ground: &Ground, members: &Members, local: Vec<bool>) -> Self {
        // The direct units stand among the first.
        let directs = ground.directs.iter().max().map_or(0, |last| last + 1);
        let mut authors = Authors {
            pools: std::iter::repeat_with(Pools::default).take(directs).collect(),
            local,
            by_unit: vec![Vec::new(); ground.units.len()],
            written: vec![0; members.0.len()],
        };
        authors.join(rng, ground, members, Wave::First);
        authors
    }

    /// The people of a wave may write from now on.
    pub(super) fn join(&mut self, rng: &mut impl Rng, ground: &Ground, members: &Members, wave: Wave) {
        // There are fewer than four thousand million of them.
        let everybody = 0..u32::try_from(members.0.len()).unwrap_or(u32::MAX);
        let mut joining: Vec<u32> = everybody.filter(|person| members.0[*person as usize].wave == wave).collect();
        joining.shuffle(rng);
        for person in joining {
            let unit = members.0[person as usize].unit();
            let pools = &mut self.pools[ground.direct[unit]];
            self.by_unit[unit].push(person);
            if self.local[unit] {
                pools.local.order.push(person);
                continue;
            }
            let own = match ground.workplace[unit] {
                Some(Workplace::Service) => Some(&mut pools.service),
                Some(Workplace::Enterprise) => Some(&mut pools.enterprise),
                Some(Workplace::Office) => Some(&mut pools.office),
                Some(Workplace::Union) | None => None,
            };
            if let Some(pool) = own {
                pool.order.push(person);
            }
            pools.all.order.push(person);
        }
    }

    /// The authors of one initiative with their shares; none if the direct unit has nobody.
    pub(super) fn draw(
        &mut self,
        rng: &mut impl Rng,
        ground: &Ground,
        members: &Members,
        from: Origin,
    ) -> Vec<(usize, i32)> {
        let Some(first) = self.first(rng, from) else { return Vec::new() };
        self.written[first as usize] += 1;
        let mut authors = vec![first];
        let others = match rng.random_range(0..100) {
            0..12 => 1,
            12..15 => 2,
            _ => 0,
        };
        for _ in 0..others {
            let unit = members.0[first as usize].unit();
            let elsewhere = self.by_unit[unit].len() < 2 || rng.random_ratio(1, 6);
            let among = if elsewhere { &self.pools[ground.direct[unit]].all.order } else { &self.by_unit[unit] };
            if let Some(&other) = among.choose(rng).filter(|other| !authors.contains(other)) {
                self.written[other as usize] += 1;
                authors.push(other);
            }
        }
        let shares: &[i32] = match authors.len() {
            1 => &[10_000],
            2 => [[5_000, 5_000], [6_000, 4_000], [7_000, 3_000]].choose(rng).map_or(&[5_000, 5_000], |two| two),
            _ => &[5_000, 3_000, 2_000],
        };
        authors.into_iter().map(|person| person as usize).zip(shares.iter().copied()).collect()
    }

    /// Three times in five somebody new while there is anybody; else, of two, the one who has written less.
    fn first(&mut self, rng: &mut impl Rng, from: Origin) -> Option<u32> {
        let pools = &mut self.pools[from.direct];
        let own = match from.group {
            _ if from.local => &mut pools.local,
            UNION_OFFICER => &mut pools.all,
            PUBLIC_SERVICE_UNIT => &mut pools.service,
            ENTERPRISE_WORKER => &mut pools.enterprise,
            _ => &mut pools.office,
        };
        let pool = if own.order.is_empty() { &mut pools.all } else { own };
        while pool.order.get(pool.fresh).is_some_and(|person| self.written[*person as usize] > 0) {
            pool.fresh += 1;
        }
        let seasoned = &pool.order[..pool.fresh];
        match pool.order.get(pool.fresh) {
            Some(&new) if seasoned.is_empty() || rng.random_ratio(3, 5) => Some(new),
            _ => {
                let (one, other) = (*seasoned.choose(rng)?, *seasoned.choose(rng)?);
                Some(if self.written[one as usize] <= self.written[other as usize] { one } else { other })
            }
        }
    }
}

//! Who may see what, by brute force: every rule is a walk up the tree.

use entity::enums::Role;

/// A place in one of the world's lists.
pub type Nth = usize;

pub struct Unit {
    pub id: String,
    pub code: String,
    pub name: String,
    pub parent: Option<Nth>,
}

pub struct Grant {
    pub id: String,
    pub unit: Nth,
    pub role: Role,
}

pub struct Person {
    pub id: String,
    pub email: String,
    /// None: erased.
    pub unit: Option<Nth>,
    pub consent: bool,
    pub grants: Vec<Grant>,
}

pub struct Programme {
    pub id: String,
    pub code: &'static str,
    pub visibility: &'static str,
    pub level: i32,
}

pub struct Initiative {
    pub id: String,
    pub code: String,
    pub title: String,
    pub unit: Nth,
    pub programme: Nth,
    pub authors: Vec<Nth>,
    pub state: &'static str,
    /// Ids of its events, and whose they are.
    pub events: Vec<(String, Nth)>,
}

/// A named cluster, with those who belong to it now.
pub struct Cluster {
    pub id: String,
    pub code: String,
    pub owner: Nth,
    pub members: Vec<Nth>,
}

pub struct Target {
    pub id: String,
    pub unit: Nth,
    pub programme: Nth,
}

/// An API token that somebody made.
pub struct Token {
    pub id: String,
    pub roles: Vec<Role>,
    pub within: Option<Nth>,
}

#[derive(Default)]
pub struct World {
    pub units: Vec<Unit>,
    pub people: Vec<Person>,
    pub programmes: Vec<Programme>,
    pub initiatives: Vec<Initiative>,
    pub targets: Vec<Target>,
    pub clusters: Vec<Cluster>,
    pub tokens: Vec<Token>,
}

/// How much of a programme's aggregates shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aggregates {
    None,
    Public,
    Whole,
}

/// Who asks: a person, or nobody; and by what he came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Viewer {
    pub person: Option<Nth>,
    pub pass: Pass,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pass {
    Session,
    /// A token that the command line made: it stands for the person.
    CommandLine,
    /// One of the world's tokens.
    Token(Nth),
}

impl Viewer {
    pub const NOBODY: Viewer = Viewer { person: None, pass: Pass::Session };

    pub fn of(person: Nth) -> Viewer {
        Viewer { person: Some(person), pass: Pass::Session }
    }
}

impl World {
    /// The unit and everything above it.
    pub fn way_up(&self, unit: Nth) -> Vec<Nth> {
        let mut way = vec![unit];
        while let Some(parent) = self.units[way[way.len() - 1]].parent {
            way.push(parent);
        }
        way
    }

    pub fn depth(&self, unit: Nth) -> i32 {
        self.way_up(unit).len() as i32 - 1
    }

    pub fn stands_in(&self, unit: Nth, above: Nth) -> bool {
        self.way_up(unit).contains(&above)
    }

    pub fn children(&self, unit: Nth) -> Vec<Nth> {
        (0..self.units.len()).filter(|child| self.units[*child].parent == Some(unit)).collect()
    }

    fn token(&self, viewer: Viewer) -> Option<&Token> {
        match viewer.pass {
            Pass::Token(n) => Some(&self.tokens[n]),
            Pass::Session | Pass::CommandLine => None,
        }
    }

    /// The viewer's grants that his token carries.
    fn carried(&self, viewer: Viewer) -> impl Iterator<Item = &Grant> {
        let grants = viewer.person.map(|person| self.people[person].grants.as_slice()).unwrap_or_default();
        let token = self.token(viewer);
        grants.iter().filter(move |grant| token.is_none_or(|token| token.roles.contains(&grant.role)))
    }

    /// Whether the unit stands within the bounds of what the viewer came in by.
    fn within(&self, viewer: Viewer, unit: Nth) -> bool {
        self.token(viewer).and_then(|token| token.within).is_none_or(|bound| self.stands_in(unit, bound))
    }

    /// Whether a grant of one of the roles covers the unit.
    pub fn covers(&self, viewer: Viewer, unit: Nth, roles: &[Role]) -> bool {
        let covers = |grant: &Grant| roles.contains(&grant.role) && self.stands_in(unit, grant.unit);
        self.within(viewer, unit) && self.carried(viewer).any(covers)
    }

    pub fn has_role_here(&self, viewer: Viewer, unit: Nth, role: Role) -> bool {
        self.within(viewer, unit) && self.carried(viewer).any(|grant| grant.role == role && grant.unit == unit)
    }

    /// Whether the viewer is an author of it, and may act as one.
    pub fn authored(&self, viewer: Viewer, initiative: &Initiative) -> bool {
        let carries = self.token(viewer).is_none_or(|token| token.roles.contains(&Role::Member));
        carries && self.within(viewer, initiative.unit) && is_author(viewer, initiative)
    }

    pub fn whole(&self, viewer: Viewer, unit: Nth) -> bool {
        self.covers(viewer, unit, &[Role::Member, Role::Reviewer, Role::Analyst, Role::Admin, Role::Operator])
    }

    /// Whether the unit exists for the viewer, if only by its face.
    pub fn exists(&self, viewer: Viewer, unit: Nth) -> bool {
        let above = || (0..self.units.len()).any(|below| self.stands_in(below, unit) && self.whole(viewer, below));
        let public = |p: &Programme| shown_outside(p, viewer) && self.depth(unit) <= p.level;
        self.programmes.iter().any(public) || above()
    }

    pub fn sees_programme(&self, viewer: Viewer, programme: Nth) -> bool {
        viewer.person.is_some() || self.programmes[programme].visibility == "PUBLIC"
    }

    pub fn aggregates(&self, viewer: Viewer, unit: Nth, programme: Nth) -> Aggregates {
        let programme = &self.programmes[programme];
        if self.whole(viewer, unit) {
            Aggregates::Whole
        } else if shown_outside(programme, viewer) && self.depth(unit) <= programme.level {
            Aggregates::Public
        } else {
            Aggregates::None
        }
    }

    /// Whether the aggregates of all these show.
    pub fn all_show(&self, viewer: Viewer, units: &[Nth], programme: Nth) -> bool {
        units.iter().all(|unit| self.aggregates(viewer, *unit, programme) != Aggregates::None)
    }

    pub fn sees_cluster(&self, viewer: Viewer, cluster: &Cluster) -> bool {
        self.whole(viewer, cluster.owner) || cluster.members.iter().any(|unit| self.whole(viewer, *unit))
    }

    pub fn reads(&self, viewer: Viewer, initiative: &Initiative) -> bool {
        let author = self.authored(viewer, initiative);
        let records = self.covers(viewer, initiative.unit, &[Role::Reviewer, Role::Analyst, Role::Admin]);
        let approved = self.has_role_here(viewer, initiative.unit, Role::Member);
        author || (initiative.state != "DRAFT" && records) || (initiative.state == "APPROVED" && approved)
    }

    /// Whether a person's name shows beside a record that the viewer reads.
    pub fn names(&self, viewer: Viewer, person: Nth) -> bool {
        let beside = |unit| {
            self.covers(viewer, unit, &[Role::Reviewer, Role::Analyst, Role::Admin])
                || self.has_role_here(viewer, unit, Role::Member)
        };
        let Person { unit, consent, .. } = &self.people[person];
        viewer.person == Some(person) || *consent || unit.is_some_and(beside)
    }

    /// Whether the viewer may open the account by itself, with e-mail and phone.
    pub fn opens(&self, viewer: Viewer, person: Nth) -> bool {
        let over = |unit| self.covers(viewer, unit, &[Role::Admin]);
        viewer.person == Some(person) || self.people[person].unit.is_some_and(over)
    }

    /// Whether the viewer holds the grant himself, and his token works with it.
    pub fn own_grant(&self, viewer: Viewer, holder: Nth, grant: &Grant) -> bool {
        let bound = self.token(viewer).and_then(|token| token.within);
        let meets = |bound| self.stands_in(bound, grant.unit) || self.stands_in(grant.unit, bound);
        viewer.person == Some(holder)
            && self.carried(viewer).any(|carried| carried.id == grant.id)
            && bound.is_none_or(meets)
    }

    pub fn sees_grant(&self, viewer: Viewer, holder: Nth, grant: &Grant) -> bool {
        self.own_grant(viewer, holder, grant) || self.covers(viewer, grant.unit, &[Role::Admin])
    }

    /// How many initiatives count in `submitted`.
    pub fn submitted(&self, unit: Nth, programme: Nth) -> usize {
        let counts = |i: &&Initiative| {
            i.programme == programme && !matches!(i.state, "DRAFT" | "WITHDRAWN") && self.stands_in(i.unit, unit)
        };
        self.initiatives.iter().filter(counts).count()
    }

    pub fn unit_actions(&self, viewer: Viewer, unit: Nth) -> Vec<&'static str> {
        let admin = |unit| self.covers(viewer, unit, &[Role::Admin]);
        let parent = self.units[unit].parent;
        let operator = parent.is_none() && self.has_role_here(viewer, unit, Role::Operator);
        let all = [
            ("DRAFT", self.covers(viewer, unit, &[Role::Member])),
            ("CREATE_UNIT", admin(unit)),
            ("RENAME", admin(unit)),
            ("MOVE", parent.is_some_and(admin)),
            ("SET_TARGET", admin(unit) || operator),
            ("SET_CLUSTER", admin(unit)),
            // Over people no program rules.
            ("GRANT", (admin(unit) || operator) && self.token(viewer).is_none()),
        ];
        all.into_iter().filter(|(_, may)| *may).map(|(action, _)| action).collect()
    }
}

/// Whether the viewer is an author, whatever he came in by.
pub fn is_author(viewer: Viewer, initiative: &Initiative) -> bool {
    viewer.person.is_some_and(|person| initiative.authors.contains(&person))
}

fn shown_outside(programme: &Programme, viewer: Viewer) -> bool {
    match programme.visibility {
        "PUBLIC" => true,
        "FEDERATION" => viewer.person.is_some(),
        _ => false,
    }
}

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
    pub unit: Nth,
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

pub struct Target {
    pub id: String,
    pub unit: Nth,
    pub programme: Nth,
}

#[derive(Default)]
pub struct World {
    pub units: Vec<Unit>,
    pub people: Vec<Person>,
    pub programmes: Vec<Programme>,
    pub initiatives: Vec<Initiative>,
    pub targets: Vec<Target>,
}

/// How much of a programme's aggregates shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aggregates {
    None,
    Public,
    Whole,
}

/// Who asks: a person, or nobody.
pub type Viewer = Option<Nth>;

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

    /// Whether a grant of one of the roles covers the unit.
    pub fn covers(&self, viewer: Viewer, unit: Nth, roles: &[Role]) -> bool {
        let grants = viewer.map(|viewer| self.people[viewer].grants.as_slice()).unwrap_or_default();
        grants.iter().any(|grant| roles.contains(&grant.role) && self.stands_in(unit, grant.unit))
    }

    pub fn has_role_here(&self, viewer: Viewer, unit: Nth, role: Role) -> bool {
        viewer.is_some_and(|viewer| {
            self.people[viewer].grants.iter().any(|grant| grant.role == role && grant.unit == unit)
        })
    }

    pub fn whole(&self, viewer: Viewer, unit: Nth) -> bool {
        self.covers(viewer, unit, &[Role::Member, Role::Reviewer, Role::Analyst, Role::Admin, Role::Operator])
    }

    /// Whether the unit exists for the viewer, if only by its face.
    pub fn exists(&self, viewer: Viewer, unit: Nth) -> bool {
        let above =
            viewer.is_some_and(|viewer| self.people[viewer].grants.iter().any(|g| self.stands_in(g.unit, unit)));
        let public = |p: &Programme| shown_outside(p, viewer) && self.depth(unit) <= p.level;
        self.whole(viewer, unit) || above || self.programmes.iter().any(public)
    }

    pub fn sees_programme(&self, viewer: Viewer, programme: Nth) -> bool {
        viewer.is_some() || self.programmes[programme].visibility == "PUBLIC"
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

    pub fn reads(&self, viewer: Viewer, initiative: &Initiative) -> bool {
        let author = viewer.is_some_and(|viewer| initiative.authors.contains(&viewer));
        let records = self.covers(viewer, initiative.unit, &[Role::Reviewer, Role::Analyst, Role::Admin]);
        let approved = self.has_role_here(viewer, initiative.unit, Role::Member);
        author || (initiative.state != "DRAFT" && records) || (initiative.state == "APPROVED" && approved)
    }

    /// Whether a person's name shows beside a record that the viewer reads.
    pub fn names(&self, viewer: Viewer, person: Nth) -> bool {
        let unit = self.people[person].unit;
        viewer == Some(person)
            || self.people[person].consent
            || self.covers(viewer, unit, &[Role::Reviewer, Role::Analyst, Role::Admin])
            || self.has_role_here(viewer, unit, Role::Member)
    }

    /// Whether the viewer may open the account by itself, with e-mail and phone.
    pub fn opens(&self, viewer: Viewer, person: Nth) -> bool {
        viewer == Some(person) || self.covers(viewer, self.people[person].unit, &[Role::Admin])
    }

    pub fn sees_grant(&self, viewer: Viewer, holder: Nth, grant: &Grant) -> bool {
        viewer == Some(holder) || self.covers(viewer, grant.unit, &[Role::Admin])
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
            ("GRANT", admin(unit) || operator),
        ];
        all.into_iter().filter(|(_, may)| *may).map(|(action, _)| action).collect()
    }
}

fn shown_outside(programme: &Programme, viewer: Viewer) -> bool {
    match programme.visibility {
        "PUBLIC" => true,
        "FEDERATION" => viewer.is_some(),
        _ => false,
    }
}

//! Queries at random, of shapes that are executed by hand and a little beyond. A key tells its field and arguments, so that whatever
//! stands twice can be merged.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

pub struct Generator {
    dice: StdRng,
    fragments: Vec<String>,
}

const CODES: [&str; 7] = ["\"TLD\"", "\"P01\"", "\"P02\"", "\"G1\"", "\"D1\"", "\"NONE\"", "$code"];
const FACE: [&str; 9] = ["code", "name", "nameEn", "kind", "bloc", "sector", "establishedOn", "dissolvedOn", "id"];
const NUMBERS: [&str; 10] = [
    "submitted",
    "pending",
    "returned",
    "approved",
    "rejected",
    "revoked",
    "claimedBenefit",
    "verifiedBenefit",
    "benefitNotComputable",
    "participants",
];
/// Arguments of lists; the last ones are refused.
const PAGES: [&str; 11] = [
    "first: 100",
    "first: 2",
    "last: 1",
    "first: 3, orderBy: CODE_DESC",
    "last: 2, orderBy: NAME_DESC",
    "first: $n",
    "first: 10, kind: [GRASSROOTS_UNION]",
    "first: 10, kind: DISTRICT_FEDERATION, after: null",
    "first: $none, last: 2",
    "first: 0",
    "first: 5, after: \"nonsense\"",
];
/// Arguments of roll-ups; the last ones are refused.
const ROLLUPS: [&str; 18] = [
    "programme: \"SK\"",
    "programme: \"FED\"",
    "programme: \"SUB\"",
    "programme: \"NONE\"",
    "programme: \"SK\", slice: { phase: [\"1\"] }",
    "programme: \"SK\", slice: { group: \"A\" }",
    "programme: \"SK\", slice: { group: [\"A\", \"B\"], phase: [\"2\", \"1\"] }",
    "programme: \"SK\", slice: { bloc: [\"PUBLIC\"] }",
    "programme: \"SK\", slice: { kind: [GRASSROOTS_UNION] }",
    "programme: \"FED\", slice: $slice",
    "programme: \"SK\", slice: { during: { from: \"2026-01-01\" } }",
    "programme: \"SK\", structure: CURRENT, asOf: null",
    "programme: \"SK\", structure: AS_REPORTED",
    "programme: \"SK\", asOf: \"2026-03-02T02:04:00Z\", structure: AS_REPORTED, slice: { group: [\"A\", \"B\"] }",
    "programme: \"FED\", asOf: $at, slice: $slice",
    "programme: \"SK\", slice: { phase: [\"no such phase\"] }",
    "programme: \"SK\", asOf: \"2026-03-02T08:00:00Z\"",
    "programme: \"SK\", structureAt: \"2026-03-02T08:00:00Z\"",
];
const DIRECTIVES: [&str; 8] = [
    " @skip(if: $no)",
    " @include(if: $yes)",
    " @skip(if: $yes)",
    " @include(if: $no)",
    " @skip(if: true)",
    " @include(if: true) @skip(if: false)",
    " @include(if: $unset)",
    "",
];

impl Generator {
    pub fn new(seed: u64) -> Generator {
        Generator { dice: StdRng::seed_from_u64(seed), fragments: Vec::new() }
    }

    fn below(&mut self, n: usize) -> usize {
        self.dice.random_range(0..n)
    }

    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn query(mut self) -> Value {
        let mut roots = Vec::new();
        for _ in 0..1 + self.below(2) {
            let at = self.below(CODES.len());
            let units = self.units(0);
            let directive = self.directive();
            roots.push(format!("u{at}: unit(code: {}){directive} {units}", CODES[at]));
        }
        if self.once_in(5) {
            let at = self.below(roots.len() + 1);
            roots.insert(at, "__typename".to_owned());
        }
        let document = format!(
            "query($code: String! = \"P01\", $yes: Boolean!, $no: Boolean = false, $unset: Boolean! = true, $n: Int!, $none: Int, \
             $slice: Slice, $at: DateTime = \"2026-03-02T02:03:00Z\") {{ {} used: __typename @skip(if: $yes) @include(if: $unset) no: __typename @skip(if: $no) \
             x: unit(code: $code) {{ code children(first: $n, last: $none) @skip(if: $yes) {{ totalCount }} \
             rollup(programme: \"SK\", slice: $slice, asOf: $at) @skip(if: $yes) {{ id }} }} }} {}",
            roots.join(" "),
            self.fragments.join(" ")
        );
        let mut variables = json!({ "yes": true, "n": 1 + self.below(3) });
        if self.once_in(2) {
            variables["code"] = json!("D1");
        }
        if self.once_in(2) {
            variables["slice"] = json!({ "phase": ["1"], "group": null });
        }
        if self.once_in(2) {
            variables["at"] = json!("2026-03-02T09:05:30.5+07:00");
        }
        json!({ "query": document, "variables": variables })
    }

    fn directive(&mut self) -> &'static str {
        if self.once_in(8) { DIRECTIVES[self.dice.random_range(0..DIRECTIVES.len())] } else { "" }
    }

    /// A selection set on the type: some of what is told, some of it in fragments.
    fn set(&mut self, ty: &str, number: usize, mut one: impl FnMut(&mut Generator) -> String) -> String {
        let mut parts = Vec::new();
        for _ in 0..1 + self.below(number) {
            let field = one(self);
            let directive = self.directive();
            parts.push(match self.below(14) {
                0 => format!("... on {ty}{directive} {{ {field} }}"),
                1 => format!("...{directive} {{ {field} }}"),
                2 => {
                    let name = format!("F{}", self.fragments.len());
                    self.fragments.push(format!("fragment {name} on {ty} {{ {field} }}"));
                    format!("...{name}{directive}")
                }
                3 => format!("__typename {field}"),
                _ => field,
            });
        }
        format!("{{ {} }}", parts.join(" "))
    }

    fn plain(&mut self, names: &[&str]) -> String {
        let name = names[self.below(names.len())];
        let directive = self.directive();
        let alias = if self.once_in(6) { format!("{name}_: ") } else { String::new() };
        format!("{alias}{name}{directive}")
    }

    fn units(&mut self, depth: usize) -> String {
        self.set("Unit", 5, |g| match g.below(10) {
            0..4 => g.plain(&FACE),
            4..6 if depth < 2 => {
                // Mostly what is answered.
                let at = if g.once_in(5) { g.below(PAGES.len()) } else { g.below(PAGES.len() - 2) };
                let (directive, list) = (g.directive(), g.list(depth));
                format!("c{at}: children({}){directive} {list}", PAGES[at])
            }
            6 if g.once_in(12) => "parent { code }".to_owned(),
            _ => {
                let at = if g.once_in(4) { g.below(ROLLUPS.len()) } else { g.below(ROLLUPS.len() - 3) };
                let past = ROLLUPS[at].contains("AS_REPORTED") || ROLLUPS[at].contains("$at");
                let (directive, rollup) = (g.directive(), g.rollup(past));
                format!("r{at}: rollup({}){directive} {rollup}", ROLLUPS[at])
            }
        })
    }

    fn list(&mut self, depth: usize) -> String {
        self.set("UnitConnection", 3, |g| match g.below(6) {
            0 => "totalCount".to_owned(),
            1 => {
                let page =
                    g.set("PageInfo", 4, |g| g.plain(&["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"]));
                format!("pageInfo {page}")
            }
            2 => {
                let edges = g.set("UnitEdge", 2, |g| match g.below(2) {
                    0 => "cursor".to_owned(),
                    _ => format!("node {}", g.units(depth + 1)),
                });
                format!("edges {edges}")
            }
            _ => format!("nodes {}", g.units(depth + 1)),
        })
    }

    /// Of the past mostly what is read by hand.
    fn rollup(&mut self, past: bool) -> String {
        self.set("Rollup", 6, |g| match if past && !g.once_in(20) { 15 * g.below(2) } else { g.below(16) } {
            0 => "id structure".to_owned(),
            1 => "t: target target(kind: GUIDELINE) tr: target(kind: REGISTERED)".to_owned(),
            2 => "registeredBelow".to_owned(),
            3 | 4 => {
                let of = [
                    "",
                    "(of: SUBMITTED)",
                    "(kind: PLANNED)",
                    "(of: PARTICIPANTS, kind: REGISTERED)",
                    "(of: VERIFIED_BENEFIT)",
                ];
                let at = if g.once_in(12) { 4 } else { g.below(4) };
                let set = g.set("Completion", 4, |g| g.plain(&["numerator", "target", "kind", "ratio"]));
                format!("k{at}: completion{} {set}", of[at])
            }
            5 => {
                let of = ["", "(of: PARTICIPANTS)", "(of: PENDING, kind: GUIDELINE)"];
                let at = g.below(3);
                let set = g.set("UnitsOverTarget", 3, |g| g.plain(&["over", "withTarget", "total"]));
                format!("o{at}: unitsOverTarget{} {set}", of[at])
            }
            6 | 7 => {
                let by = [
                    "GROUP",
                    "[PHASE]",
                    "[CHILD]",
                    "[STATE]",
                    "[BLOC]",
                    "[KIND]",
                    "[CHILD, GROUP]",
                    "[MONTH]",
                    "[GROUP, GROUP]",
                ];
                let at = if g.once_in(12) { 8 } else { g.below(8) };
                let set = g.set("RollupPart", 4, |g| match g.below(3) {
                    0 => {
                        let keys = g.set("DimensionKey", 3, |g| g.plain(&["dimension", "value", "label"]));
                        format!("keys {keys}")
                    }
                    _ => g.plain(&NUMBERS),
                });
                format!("b{at}: breakdown(by: {}) {set}", by[at])
            }
            8 if g.once_in(10) => "computed: isFinal".to_owned(),
            _ => g.plain(&NUMBERS),
        })
    }
}

//! What to ask for each published figure.

use crate::demo::plan::{PREDECESSOR_CODE, PROGRAMME_CODE};

/// A number that the API answers.
pub struct Ask {
    /// The whole query.
    pub text: String,
    /// Where in `data` the number stands.
    pub pointer: String,
}

/// Numbers put together.
pub enum Sum {
    Of(Ask),
    Plus(Ask, Ask),
    Minus(Ask, Ask),
    /// A hundred times the quotient.
    Percent(Ask, Ask),
    Ratio(Ask, Ask),
    /// From one day to the other.
    Months(Ask, Ask),
    /// To a day that the report names.
    MonthsTo(Ask, &'static str),
}

/// How a figure is computed; with what is to be said of it.
pub enum How {
    Asked(Sum, &'static str),
    Contradicted(Sum, &'static str),
    NotModelled(&'static str),
}

/// At which scale it can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// At both; what counts initiatives or people, at a hundredth.
    Scaled,
    /// At both, as it is.
    Whole,
    /// At full scale alone.
    FullScale,
}

/// A roll-up of a unit at an instant, as its reports told it.
struct Of {
    programme: &'static str,
    unit: &'static str,
    at: &'static str,
    slice: &'static str,
}

const TLD: &str = "TLD";
const HA_NOI: &str = "P01";
const HUNG_YEN: &str = "P33";
const NGHE_AN: &str = "P40";
const LOCAL: &str = "P77-NGD";

/// 24:00 on 30 April 2021: the report says only that it was in April.
const APRIL_2021: &str = "2021-05-01T00:00:00+07:00";
const END_OF_2021: &str = "2022-01-01T00:00:00+07:00";
/// 7:00 on 13 April 2022, the instant of the first report.
const SEVEN: &str = "2022-04-13T07:00:00+07:00";
/// 24:00 on 10 May 2022.
const TENTH_OF_MAY: &str = "2022-05-11T00:00:00+07:00";
/// 24:00 on 31 May 2022, the end of phase 1.
const PHASE_1: &str = "2022-06-01T00:00:00+07:00";
/// 24:00 on 15 July 2022, when phase 1 was reported.
const REPORTED: &str = "2022-07-16T00:00:00+07:00";
const THIRD_OF_OCTOBER: &str = "2022-10-04T00:00:00+07:00";
const END_OF_2022: &str = "2023-01-01T00:00:00+07:00";
const THIRD_OF_AUGUST: &str = "2023-08-04T00:00:00+07:00";
/// 24:00 on 31 August 2023, the end.
const END: &str = "2023-09-01T00:00:00+07:00";
const END_OF_SEPTEMBER: &str = "2023-10-01T00:00:00+07:00";
const OCTOBER: &str = "2023-10-04T00:00:00+07:00";
const CEREMONY: &str = "2023-10-08T00:00:00+07:00";
const AFTER_IT: &str = "2023-10-09T00:00:00+07:00";
/// The reports do not say when Hà Nội was tenth.
const BEFORE: &str = "2022-03-01T00:00:00+07:00";

const COMMENDATIONS: &str = "the demo has no commendations";
const SIGNED_UP: &str = "people who only signed up are not kept";
const ONE_COMPANY: &str = "a company's own target and rules, outside the programme";
const TREE_OF_2022: &str = "a figure of 2026; the demo's tree is that of 2022";

fn of(unit: &'static str, at: &'static str, slice: &'static str) -> Of {
    Of { programme: PROGRAMME_CODE, unit, at, slice }
}

/// The same of the programme of 2021.
fn before(unit: &'static str, at: &'static str) -> Of {
    Of { programme: PREDECESSOR_CODE, unit, at, slice: "" }
}

impl Of {
    fn rollup(&self, fields: &str, pointer: &str) -> Ask {
        let Of { programme, unit, at, slice } = self;
        let slice = if slice.is_empty() { String::new() } else { format!(", slice: {{{slice}}}") };
        Ask {
            text: format!(
                "{{ unit(code: \"{unit}\") {{ rollup(programme: \"{programme}\", structure: AS_REPORTED, asOf: \"{at}\"{slice}) \
                 {{ {fields} }} }} }}"
            ),
            pointer: format!("/unit/rollup/{pointer}"),
        }
    }

    /// A measure; all of them are asked for together, since one reading answers them.
    fn measure(&self, name: &str) -> Ask {
        self.rollup("submitted pending approved verifiedBenefit participants", name)
    }

    fn submitted(&self) -> Ask {
        self.measure("submitted")
    }

    fn approved(&self) -> Ask {
        self.measure("approved")
    }

    fn target(&self, kind: &str) -> Ask {
        self.rollup(&format!("target(kind: {kind})"), "target")
    }

    /// Of the direct units with a target of the kind: `over`, `withTarget` or `total`.
    fn units(&self, kind: &str, number: &str) -> Ask {
        let kind = if kind.is_empty() { String::new() } else { format!("(kind: {kind})") };
        self.rollup(&format!("unitsOverTarget{kind} {{ over withTarget total }}"), &format!("unitsOverTarget/{number}"))
    }

    fn over(&self, billions: u64) -> Ask {
        self.rollup(&format!("benefitOver(threshold: \"{billions}000000000\")"), "benefitOver")
    }

    fn rank(&self, number: &str) -> Ask {
        let Of { programme, unit, at, .. } = self;
        Ask {
            text: format!(
                "{{ unit(code: \"{unit}\") {{ ranking(programme: \"{programme}\", by: SUBMITTED, asOf: \"{at}\", comparedTo: \"{BEFORE}\", structure: AS_REPORTED) \
                 {{ rank previousRank }} }} }}"
            ),
            pointer: format!("/unit/ranking/{number}"),
        }
    }
}

fn programme(field: &str, pointer: &str) -> Ask {
    Ask {
        text: format!("{{ programme(code: \"{PROGRAMME_CODE}\") {{ {field} }} }}"),
        pointer: format!("/programme/{pointer}"),
    }
}

/// Every figure of the file.
pub fn table() -> Vec<(&'static str, How, Scope)> {
    use How::{Contradicted, NotModelled};
    use Scope::{FullScale, Scaled, Whole};
    use Sum::{Minus, Months, MonthsTo, Of as One, Percent, Plus, Ratio};
    let asked = |sum| How::Asked(sum, "");
    let one = |ask| How::Asked(One(ask), "");
    let not = |id, why| (id, NotModelled(why), Whole);
    let started = || programme("startsOn", "startsOn");
    let reached = |at, slice| of(TLD, at, slice).rollup("targetReachedAt(of: SUBMITTED)", "targetReachedAt");
    let ahead = |at, slice| of(TLD, at, slice).rollup("daysAheadOfPlan(of: SUBMITTED)", "daysAheadOfPlan");
    let planned = |slice| one(of(HA_NOI, END_OF_2022, slice).target("PLANNED"));
    let first = r#"phase: ["1"]"#;
    vec![
        ("F001", one(before(TLD, END_OF_2021).target("GUIDELINE")), Scaled),
        ("F002", asked(MonthsTo(started(), "2022-04-13")), Whole),
        (
            "F003",
            How::Asked(
                Percent(
                    of(TLD, SEVEN, "").units("REGISTERED", "withTarget"),
                    of(TLD, SEVEN, "").units("REGISTERED", "total"),
                ),
                "direct units with a registered target",
            ),
            Whole,
        ),
        ("F004", one(of(TLD, SEVEN, "").units("", "total")), Whole),
        ("F005", one(of(TLD, SEVEN, "").rollup("registeredBelow", "registeredBelow")), Scaled),
        ("F006", one(of(HA_NOI, SEVEN, "").target("REGISTERED")), Scaled),
        (
            "F007",
            asked(Ratio(of(HA_NOI, SEVEN, "").target("REGISTERED"), of(HA_NOI, SEVEN, "").target("GUIDELINE"))),
            Whole,
        ),
        ("F008", one(of(TLD, SEVEN, "").submitted()), Scaled),
        ("F009", one(of(HA_NOI, SEVEN, "").submitted()), Scaled),
        (
            "F010",
            How::Asked(
                One(of(HA_NOI, SEVEN, "").rank("previousRank")),
                "the report gives no date: here at the end of February 2022",
            ),
            FullScale,
        ),
        ("F011", one(of(HA_NOI, SEVEN, "").rank("rank")), Whole),
        ("F012", one(of("P38", SEVEN, "").rank("rank")), Whole),
        not("F013", SIGNED_UP),
        ("F014", one(programme("groups { code }", "groups")), Whole),
        ("F015", one(of(HA_NOI, SEVEN, r#"group: ["ENTERPRISE_WORKER"]"#).submitted()), FullScale),
        ("F016", planned(""), Scaled),
        ("F017", planned(r#"bloc: ["ENTERPRISE"]"#), Scaled),
        ("F018", planned(r#"phase: ["1"], bloc: ["ENTERPRISE"]"#), Scaled),
        ("F019", planned(r#"phase: ["1"], bloc: ["PUBLIC"]"#), Scaled),
        ("F020", planned(r#"phase: ["2"], bloc: ["ENTERPRISE"]"#), Scaled),
        ("F021", planned(r#"phase: ["2"], bloc: ["PUBLIC"]"#), Scaled),
        ("F022", one(of(TLD, END, first).target("GUIDELINE")), Scaled),
        ("F023", one(of(TLD, END, "").target("GUIDELINE")), Scaled),
        not("F024", COMMENDATIONS),
        not("F025", ONE_COMPANY),
        not("F026", ONE_COMPANY),
        not("F027", ONE_COMPANY),
        not("F028", ONE_COMPANY),
        not("F029", COMMENDATIONS),
        not("F030", COMMENDATIONS),
        ("F031", How::Asked(One(of(TLD, AFTER_IT, "").approved()), "approved ones"), Scaled),
        ("F032", one(of(TLD, AFTER_IT, "").measure("verifiedBenefit")), Whole),
        ("F033", asked(Months(started(), reached(END, ""))), Whole),
        ("F034", one(ahead(END, "")), Whole),
        ("F035", How::Asked(One(of(TLD, CEREMONY, "").units("", "over")), "of 82"), Whole),
        (
            "F036",
            How::Asked(
                One(of(TLD, CEREMONY, "").units("", "total")),
                "one corporation union ended in between: which one, and when, is inferred",
            ),
            Whole,
        ),
        ("F037", one(of(TLD, END, "").submitted()), Scaled),
        ("F038", one(of(TLD, END, "").approved()), Scaled),
        ("F039", asked(Percent(of(TLD, END, "").approved(), of(TLD, END, "").target("GUIDELINE"))), Whole),
        ("F040", one(of(TLD, END, "").measure("verifiedBenefit")), Whole),
        ("F041", one(of(TLD, CEREMONY, "").over(500)), Whole),
        ("F042", one(of(TLD, CEREMONY, "").over(100)), Whole),
        ("F043", one(of(TLD, PHASE_1, first).submitted()), Scaled),
        (
            "F044",
            asked(Percent(of(TLD, PHASE_1, first).submitted(), of(TLD, PHASE_1, first).target("GUIDELINE"))),
            Whole,
        ),
        (
            "F045",
            asked(Minus(of(TLD, PHASE_1, first).submitted(), of(TLD, PHASE_1, first).target("GUIDELINE"))),
            Scaled,
        ),
        ("F046", asked(Percent(of(TLD, PHASE_1, first).submitted(), of(TLD, PHASE_1, "").target("GUIDELINE"))), Whole),
        ("F047", one(ahead(PHASE_1, first)), Whole),
        ("F048", one(of(TLD, PHASE_1, r#"phase: ["1"], group: ["PUBLIC_SERVICE_UNIT"]"#).submitted()), Scaled),
        ("F049", one(of(TLD, PHASE_1, r#"phase: ["1"], group: ["ENTERPRISE_WORKER"]"#).submitted()), Scaled),
        ("F050", one(of(TLD, PHASE_1, r#"phase: ["1"], group: ["UNION_OFFICER"]"#).submitted()), Scaled),
        (
            "F051",
            asked(Plus(
                of(TLD, PHASE_1, r#"phase: ["1"], group: ["PARTY_STATE_BODY"]"#).submitted(),
                of(TLD, PHASE_1, r#"phase: ["1"], group: ["NEW_RURAL_MOVEMENT"]"#).submitted(),
            )),
            Scaled,
        ),
        (
            "F052",
            How::Asked(
                One(of(TLD, REPORTED, first).measure("verifiedBenefit")),
                "as verified by the day of the report, 15 July 2022",
            ),
            Whole,
        ),
        not("F053", COMMENDATIONS),
        ("F054", one(of(TLD, THIRD_OF_OCTOBER, "").submitted()), Scaled),
        (
            "F055",
            asked(Plus(
                of(TLD, END, r#"group: ["PARTY_STATE_BODY"]"#).approved(),
                of(TLD, END, r#"group: ["PUBLIC_SERVICE_UNIT"]"#).approved(),
            )),
            Scaled,
        ),
        ("F056", one(of(TLD, END, r#"group: ["ENTERPRISE_WORKER"]"#).approved()), Scaled),
        ("F057", one(of(TLD, END, r#"group: ["UNION_OFFICER"]"#).approved()), Scaled),
        ("F058", one(of(TLD, END, "").approved()), Scaled),
        not("F059", COMMENDATIONS),
        not("F060", COMMENDATIONS),
        not("F061", COMMENDATIONS),
        ("F062", one(of(HA_NOI, END_OF_2022, "").target("GUIDELINE")), Scaled),
        ("F063", one(of(HA_NOI, THIRD_OF_AUGUST, "").submitted()), Scaled),
        ("F064", one(of(HA_NOI, THIRD_OF_AUGUST, "").rank("rank")), Whole),
        ("F065", one(of(HA_NOI, THIRD_OF_AUGUST, "").measure("participants")), Scaled),
        ("F066", one(of(HA_NOI, END_OF_SEPTEMBER, "").measure("participants")), Scaled),
        ("F067", one(of(HA_NOI, END_OF_SEPTEMBER, "").submitted()), Scaled),
        ("F068", one(of(HUNG_YEN, TENTH_OF_MAY, "").submitted()), Scaled),
        ("F069", one(of(HUNG_YEN, TENTH_OF_MAY, "").approved()), Scaled),
        ("F070", one(of(HUNG_YEN, TENTH_OF_MAY, "").measure("pending")), Scaled),
        ("F071", one(of(HUNG_YEN, TENTH_OF_MAY, "").target("PLANNED")), Scaled),
        ("F072", one(of(LOCAL, OCTOBER, "").submitted()), FullScale),
        (
            "F073",
            Contradicted(
                Percent(of(LOCAL, OCTOBER, "").submitted(), of(LOCAL, OCTOBER, "").target("GUIDELINE")),
                "no whole target makes 819 come to 392%, cut off as all others are: of 208 it is 393, of 209 391; here it was rounded",
            ),
            FullScale,
        ),
        not("F074", SIGNED_UP),
        ("F075", one(before(TLD, APRIL_2021).submitted()), Scaled),
        not("F076", SIGNED_UP),
        ("F077", one(before(NGHE_AN, APRIL_2021).submitted()), Scaled),
        not("F078", "only members who may write initiatives have accounts in the demo"),
        (
            "F079",
            one(Ask {
                text: format!("{{ unit(code: \"{TLD}\") {{ descendants(first: 1) {{ totalCount }} }} }}"),
                pointer: "/unit/descendants/totalCount".to_owned(),
            }),
            FullScale,
        ),
        not("F080", TREE_OF_2022),
        not("F081", TREE_OF_2022),
    ]
}

//! Search with and without diacritics, and the Vietnamese order: the same on both databases.

use serde_json::json;

use crate::support::{Actor, ROOT, TestApp, both};

async fn found_units(app: &TestApp, names: &[(&str, &str)]) {
    app.plant(&[("P01", "PROVINCIAL_FEDERATION", ROOT)]).await;
    let admin = app.admin_of(ROOT).await;
    for (code, name) in names {
        let input = json!({ "code": code, "name": name, "kind": "GRASSROOTS_UNION", "parent": "P01" });
        admin.mutate("unitCreate", input, "unit { code }").await.done();
    }
}

async fn search(reader: &Actor, text: &str) -> Vec<String> {
    let query = "query($text: String!) { units(search: $text, first: 100) { totalCount nodes { code } } }";
    let reply = reader.query(query, json!({ "text": text })).await.ok();
    let codes = reply.texts("/units/nodes", "code");
    assert_eq!(reply.int("/units/totalCount"), codes.len() as i64);
    codes
}

both!(
    async fn every_spelling_finds_all_and_its_own_first(app: &TestApp) {
        found_units(
            app,
            &[
                ("PLAIN", "Công ty Ha Noi Plaza"),
                ("TRUE", "Dệt may Hà Nội"),
                ("OTHER", "Cơ khí Hạ Nôi"),
                // As a keyboard that sends marks apart would write it.
                ("APART", "Bia Ha\u{300} No\u{323}\u{302}i"),
                ("DA1", "Cảng Đà Nẵng"),
                ("DA2", "Cảng Da Nang"),
                ("DONG", "Đông Anh"),
            ],
        )
        .await;
        let reader = app.analyst_of(ROOT).await;
        let with_marks = ["APART", "TRUE", "PLAIN", "OTHER"];
        for text in
            ["Hà Nội", "hà nội", "HÀ NỘI", "Ha\u{300} No\u{323}\u{302}i", "HA\u{300} NO\u{302}\u{323}I", "  hà nội "]
        {
            assert_eq!(search(&reader, text).await, with_marks, "{text:?}");
        }
        for text in ["ha noi", "HA NOI"] {
            assert_eq!(search(&reader, text).await, ["PLAIN", "APART", "OTHER", "TRUE"], "{text:?}");
        }
        // Đ is D without its stroke, on both sides.
        assert_eq!(search(&reader, "đà nẵng").await, ["DA1", "DA2"]);
        assert_eq!(search(&reader, "da nang").await, ["DA2", "DA1"]);
        // The root's name has "động".
        assert_eq!(search(&reader, "dong").await, ["DONG", ROOT]);
        assert_eq!(search(&reader, "ĐÔNG anh").await, ["DONG"]);
    }
);

both!(
    async fn words_are_found_by_their_beginnings_and_codes_by_any_part(app: &TestApp) {
        found_units(app, &[("G-100", "May Hà Nội"), ("G-200", "Thép 100% Thái_Nguyên"), ("X\u{2e}7", "Gốm Nội Bài")])
            .await;
        let reader = app.analyst_of(ROOT).await;
        assert_eq!(search(&reader, "noi ma").await, ["G-100"]);
        assert_eq!(search(&reader, "nội").await, ["X.7", "G-100"]);
        assert_eq!(search(&reader, "oi").await, [""; 0]);
        assert_eq!(search(&reader, "g-1").await, ["G-100"]);
        assert_eq!(search(&reader, "-200").await, ["G-200"]);
        // Signs say nothing, and what has a meaning for LIKE or a text index has none here.
        assert_eq!(search(&reader, "g_100").await, ["G-100"]);
        for text in ["%", "_", "\\", "%%%", "' OR 1=1 --", "\"", "noi*x", "code:x", "(", "-"] {
            assert_eq!(search(&reader, text).await, [""; 0], "{text:?}");
        }
        // A blank text looks for nothing in particular.
        let all = search(&reader, "").await;
        assert_eq!((all.len(), search(&reader, " \t ").await), (5, all));
        for text in ["a\u{0}", &"a".repeat(201)] {
            let query = "query($text: String!) { units(search: $text, first: 1) { totalCount } }";
            assert_eq!(reader.query(query, json!({ "text": text })).await.codes(), ["BAD_USER_INPUT"], "{text:?}");
        }
    }
);

both!(
    async fn names_stand_in_vietnamese_order(app: &TestApp) {
        let order = [
            "an", "ăn", "ân", "da", "dân", "đa", "e", "ê", "ma", "Mà", "mả", "mã", "má", "mạ", "mã hai", "na", "o",
            "ô", "ơ", "u", "ư", "y",
        ];
        let mut names: Vec<(String, &str)> =
            order.iter().enumerate().map(|(i, name)| (format!("U{i:02}"), *name)).collect();
        names.reverse();
        let names: Vec<(&str, &str)> = names.iter().map(|(code, name)| (code.as_str(), *name)).collect();
        found_units(app, &names).await;
        let reader = app.analyst_of(ROOT).await;
        let by = async |order: &str| {
            let query = format!(
                "{{ unit(code: \"P01\") {{ children(first: 100, orderBy: {order}) {{ nodes {{ name }} }} }} }}"
            );
            reader.query(&query, json!({})).await.ok().texts("/unit/children/nodes", "name")
        };
        // "mã hai" stands where its letters put it; tones decide among what is otherwise alike.
        assert_eq!(by("NAME_ASC").await, order);
        let backwards: Vec<&str> = order.iter().rev().copied().collect();
        assert_eq!(by("NAME_DESC").await, backwards);
    }
);

both!(
    async fn initiatives_are_found_and_sorted_by_title(app: &TestApp) {
        app.small_federation().await;
        let member = app.member_of("G1").await;
        for title in
            ["Đóng gói tự động", "Dây chuyền Hà Nội", "Day chuyen Ha Noi", "Ép nhựa", "Ca\u{309}i tie\u{302}\u{301}n"]
        {
            member.send_in("G1", json!({ "title": title })).await;
        }
        let titles = async |arguments: &str| {
            let query =
                format!("{{ initiatives({arguments}, orderBy: TITLE_ASC, first: 50) {{ nodes {{ title }} }} }}");
            member.query(&query, json!({})).await.ok().texts("/initiatives/nodes", "title")
        };
        assert_eq!(
            titles("programme: \"SK\"").await,
            ["Cải tiến", "Day chuyen Ha Noi", "Dây chuyền Hà Nội", "Đóng gói tự động", "Ép nhựa",]
        );
        // Whatever order the words stand in.
        assert_eq!(titles("search: \"HÀ NỘI dây\"").await, ["Dây chuyền Hà Nội", "Day chuyen Ha Noi"]);
        assert_eq!(titles("search: \"noi ha day\"").await, ["Day chuyen Ha Noi", "Dây chuyền Hà Nội"]);
        assert_eq!(titles("search: \"hà nội\"").await, ["Dây chuyền Hà Nội", "Day chuyen Ha Noi"]);
        assert_eq!(titles("search: \"ca\u{309}i\"").await, ["Cải tiến"]);
    }
);

//! The wording of the records: titles, summaries, notes and reasons of refusal.

use rand::Rng;
use rand::seq::IndexedRandom;

use super::trades::Trade;

/// A kind of solution, how often it comes, and how its titles begin.
const SOLUTIONS: [(&str, u32, &[&str]); 4] = [
    ("TECHNICAL", 35, &["Cải tiến", "Thiết kế lại", "Nâng cấp", "Giải pháp kỹ thuật cho", "Khắc phục nhược điểm của"]),
    ("MANAGEMENT", 20, &["Đổi mới quản lý", "Xây dựng quy trình quản lý", "Giải pháp quản lý"]),
    ("OPERATIONAL", 25, &["Hợp lý hóa", "Sắp xếp lại", "Phương pháp mới đối với", "Chuẩn hóa thao tác đối với"]),
    (
        "TECHNOLOGY_APPLICATION",
        20,
        &["Ứng dụng công nghệ thông tin vào", "Số hóa", "Ứng dụng mã QR cho", "Ứng dụng bảng tính dùng chung cho"],
    ),
];

/// A kind of solution and a title that suits it.
pub(super) fn title(rng: &mut impl Rng, trade: &Trade) -> (&'static str, String) {
    let (solution, _, beginnings) = SOLUTIONS.choose_weighted(rng, |solution| solution.1).unwrap_or(&SOLUTIONS[0]);
    (solution, format!("{} {} {}", pick(rng, beginnings), pick(rng, &trade.objects), pick(rng, &trade.aims)))
}

/// A summary that says since when it has been applied.
pub(super) fn summary(rng: &mut impl Rng, month: &str) -> String {
    let start =
        pick(rng, &["Giải pháp được áp dụng tại đơn vị từ", "Đơn vị đã áp dụng giải pháp từ", "Thực hiện thử từ"]);
    let result = pick(
        rng,
        &[
            "kết quả ổn định, có thể nhân rộng.",
            "tiết kiệm thời gian và chi phí so với cách làm cũ.",
            "được tập thể đánh giá tốt.",
            "đã phổ biến cho các bộ phận khác cùng áp dụng.",
            "giảm rõ rệt công sức của người thực hiện.",
        ],
    );
    format!("{start} {month}; {result}")
}

/// The benefit of an initiative that cannot be computed in money.
pub(super) const BENEFIT_NOTES: [&str; 6] = [
    "Nâng cao chất lượng công việc, không tính được bằng tiền",
    "Cải thiện điều kiện làm việc, bảo vệ sức khỏe người lao động",
    "Tăng mức độ hài lòng của người được phục vụ",
    "Bảo đảm an toàn phòng, chống dịch tại đơn vị",
    "Bảo vệ môi trường, tạo cảnh quan xanh, sạch",
    "Nâng cao hiểu biết và kỹ năng của người tham gia",
];

/// What a reviewer misses.
pub(super) const RETURN_NOTES: [&str; 6] = [
    "Đề nghị bổ sung minh chứng áp dụng thực tế.",
    "Đề nghị giải trình cách tính giá trị làm lợi.",
    "Đề nghị bổ sung quyết định công nhận của đơn vị.",
    "Đề nghị nêu rõ điểm mới so với cách làm trước đây.",
    "Đề nghị thống nhất tỷ lệ đóng góp của các đồng tác giả.",
    "Mô tả còn quá ngắn, đề nghị viết cụ thể hơn.",
];

/// Reasons of refusal, how often they come, and their explanation.
const REFUSALS: [(&str, u32, &str); 9] = [
    ("NOT_NEW", 28, "Giải pháp đã được áp dụng tại đơn vị từ trước."),
    ("NO_BENEFIT", 20, "Chưa chứng minh được hiệu quả khi áp dụng."),
    ("NOT_RECOGNISED", 18, "Chưa có quyết định công nhận của người đứng đầu đơn vị."),
    ("DUPLICATE", 14, "Trùng với sáng kiến đã gửi trước đó."),
    ("WRONG_UNIT", 7, "Tác giả cần gửi qua công đoàn nơi công tác."),
    ("OUT_OF_PERIOD", 5, "Minh chứng cho thấy thời điểm áp dụng ngoài thời gian quy định."),
    ("PROTECTED_IP", 2, "Giải pháp đang được bảo hộ quyền sở hữu trí tuệ."),
    ("PUBLIC_ORDER", 1, "Việc áp dụng chưa phù hợp quy định chung."),
    ("OTHER", 5, "Nội dung gửi lên không đọc được."),
];

/// A reason of refusal with its explanation, which `OTHER` always has.
pub(super) fn refusal(rng: &mut impl Rng) -> (&'static str, Option<String>) {
    let (reason, _, note) = REFUSALS.choose_weighted(rng, |refusal| refusal.1).copied().unwrap_or(REFUSALS[0]);
    (reason, (reason == "OTHER" || rng.random_ratio(3, 4)).then(|| note.to_owned()))
}

/// One of the phrases.
pub(super) fn pick<'a>(rng: &mut impl Rng, phrases: &[&'a str]) -> &'a str {
    phrases.choose(rng).copied().unwrap_or_default()
}

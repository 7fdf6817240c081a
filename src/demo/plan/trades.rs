//! What is improved in each trade, and what for: the matter of the titles.

/// What people of a trade improve, and why.
pub(super) struct Trade {
    /// Things that are improved.
    pub objects: [&'static str; 10],
    /// What for.
    pub aims: [&'static str; 5],
}

const EDUCATION: Trade = Trade {
    objects: [
        "phòng học bộ môn",
        "thư viện lớp học",
        "bộ đồ dùng dạy học",
        "giờ thực hành thí nghiệm",
        "hoạt động trải nghiệm",
        "kho học liệu số",
        "sổ theo dõi học sinh",
        "bếp ăn bán trú",
        "hệ thống câu hỏi ôn tập",
        "lớp học trực tuyến",
    ],
    aims: [
        "nhằm nâng cao chất lượng dạy học",
        "giúp học sinh hứng thú học tập",
        "để giảm thời gian chuẩn bị bài giảng",
        "thích ứng với dạy học trong dịch COVID-19",
        "hỗ trợ học sinh có hoàn cảnh khó khăn",
    ],
};
const HEALTH: Trade = Trade {
    objects: [
        "khu tiếp đón bệnh nhân",
        "buồng lấy mẫu xét nghiệm",
        "điểm tiêm chủng lưu động",
        "hồ sơ bệnh án",
        "kho thuốc và vật tư y tế",
        "xe đẩy dụng cụ",
        "khu điều trị cách ly",
        "quy trình khử khuẩn",
        "lịch trực khoa phòng",
        "tủ bảo quản vắc-xin",
    ],
    aims: [
        "nhằm giảm thời gian chờ của người bệnh",
        "bảo đảm an toàn cho nhân viên y tế",
        "để tiết kiệm vật tư tiêu hao",
        "đáp ứng yêu cầu phòng, chống dịch COVID-19",
        "hạn chế sai sót trong chuyên môn",
    ],
};
const OFFICE: Trade = Trade {
    objects: [
        "bộ phận một cửa",
        "hồ sơ công chức, viên chức",
        "kho lưu trữ văn bản",
        "lịch tiếp công dân",
        "quy trình giải quyết thủ tục hành chính",
        "hệ thống văn bản điều hành",
        "sổ theo dõi nhiệm vụ",
        "phòng họp không giấy tờ",
        "công tác tuyên truyền pháp luật",
        "dữ liệu dân cư trên địa bàn",
    ],
    aims: [
        "nhằm rút ngắn thời gian giải quyết hồ sơ",
        "giảm giấy tờ cho người dân",
        "để tăng tính công khai, minh bạch",
        "nâng cao chỉ số cải cách hành chính",
        "phục vụ chuyển đổi số của đơn vị",
    ],
};
const FACTORY: Trade = Trade {
    objects: [
        "dây chuyền lắp ráp",
        "bộ gá hàn",
        "máy cắt tự động",
        "khuôn dập",
        "chuyền may công nghiệp",
        "hệ thống khí nén",
        "bàn kiểm tra chất lượng",
        "kho bán thành phẩm",
        "băng tải cấp liệu",
        "tủ điện điều khiển",
    ],
    aims: [
        "nhằm tăng năng suất lao động",
        "để giảm tỷ lệ sản phẩm lỗi",
        "giúp tiết kiệm nguyên vật liệu",
        "bảo đảm an toàn cho người lao động",
        "rút ngắn thời gian chuyển đổi mã hàng",
    ],
};
const ENERGY: Trade = Trade {
    objects: [
        "trạm biến áp",
        "tổ máy phát điện",
        "hệ thống bơm nước làm mát",
        "giàn khoan sửa chữa giếng",
        "băng tải than",
        "hệ thống thông gió lò",
        "lưới điện trung áp",
        "bộ lọc dầu bôi trơn",
        "hệ thống giám sát từ xa",
        "kế hoạch bảo dưỡng thiết bị",
    ],
    aims: [
        "nhằm giảm tổn thất và tiêu hao năng lượng",
        "để rút ngắn thời gian dừng máy",
        "nâng cao độ tin cậy vận hành",
        "bảo đảm an toàn lao động",
        "thay thế vật tư nhập khẩu",
    ],
};
const WORKS: Trade = Trade {
    objects: [
        "ván khuôn định hình",
        "trạm trộn bê tông",
        "xe chuyên dụng",
        "hệ thống tín hiệu",
        "toa xe và đầu máy",
        "cầu trục bốc xếp",
        "lịch điều phối phương tiện",
        "biện pháp thi công",
        "kho phụ tùng",
        "thiết bị mặt đất",
    ],
    aims: [
        "nhằm đẩy nhanh tiến độ",
        "để giảm chi phí nhiên liệu",
        "bảo đảm an toàn giao thông",
        "kéo dài tuổi thọ thiết bị",
        "giúp sử dụng hết công suất phương tiện",
    ],
};
const FARM: Trade = Trade {
    objects: [
        "hệ thống tưới tiết kiệm",
        "vườn ươm cây giống",
        "chuồng trại chăn nuôi",
        "kênh mương nội đồng",
        "kho bảo quản nông sản",
        "máy sấy nông sản",
        "mô hình thu gom rác thải",
        "tuyến đường hoa nông thôn",
        "vùng sản xuất rau an toàn",
        "bể ủ phân hữu cơ",
    ],
    aims: [
        "nhằm tăng thu nhập cho nông dân",
        "để tiết kiệm nước tưới",
        "giảm thất thoát sau thu hoạch",
        "góp phần xây dựng nông thôn mới",
        "bảo vệ môi trường nông thôn",
    ],
};
const SERVICES: Trade = Trade {
    objects: [
        "quy trình mở tài khoản",
        "hồ sơ tín dụng",
        "trung tâm chăm sóc khách hàng",
        "mạng truyền dẫn",
        "trạm thu phát sóng",
        "báo cáo giao dịch hằng ngày",
        "công tác an toàn kho quỹ",
        "hệ thống giám sát sự cố",
        "tuyến phát bưu gửi",
        "dữ liệu khách hàng",
    ],
    aims: [
        "nhằm rút ngắn thời gian giao dịch",
        "để giảm chi phí vận hành",
        "nâng cao sự hài lòng của khách hàng",
        "hạn chế rủi ro nghiệp vụ",
        "phục vụ khách hàng trong giãn cách xã hội",
    ],
};
const UNION: Trade = Trade {
    objects: [
        "công tác phát triển đoàn viên",
        "hồ sơ đoàn viên",
        "thỏa ước lao động tập thể",
        "quỹ hỗ trợ đoàn viên",
        "phong trào thi đua",
        "tổ an toàn COVID",
        "bữa ăn ca",
        "hội nghị người lao động",
        "tủ sách công đoàn",
        "tổ tư vấn pháp luật",
    ],
    aims: [
        "nhằm chăm lo tốt hơn cho đoàn viên",
        "để thu hút người lao động tham gia",
        "giảm thời gian tổng hợp báo cáo",
        "thích ứng an toàn với dịch COVID-19",
        "nâng cao vai trò của công đoàn cơ sở",
    ],
};

/// The trade of a sector.
pub(super) fn trade(sector: &str) -> &'static Trade {
    match sector {
        "EDUCATION" => &EDUCATION,
        "HEALTH" => &HEALTH,
        "INDUSTRY_TRADE" | "TEXTILE" | "SHIPBUILDING" => &FACTORY,
        "OIL_GAS" | "ELECTRICITY" | "MINING" => &ENERGY,
        "CONSTRUCTION" | "TRANSPORT" | "RAILWAY" | "MARITIME" | "AVIATION" => &WORKS,
        "AGRICULTURE" | "RUBBER" => &FARM,
        "BANKING" | "INFORMATION" => &SERVICES,
        _ => &OFFICE,
    }
}

/// The trade of union officers, whatever their sector.
pub(super) fn union_work() -> &'static Trade {
    &UNION
}

/// The trade of the new-rural movement.
pub(super) fn rural() -> &'static Trade {
    &FARM
}

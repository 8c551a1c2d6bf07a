//! The samples as they would be in other places: names, goods and addresses that a reader there
//! would find natural, so that the approved words can be judged as a whole.

use crate::domain::policy::Locale;
use crate::domain::reply::Reply;

/// The same samples with names and goods as in a community of `locale`.
pub(in crate::render) fn local(replies: Vec<Reply>, locale: Locale) -> Vec<Reply> {
    let column = match locale {
        Locale::ZhHans => return replies,
        Locale::ZhHant => 1,
        Locale::En => 2,
    };
    let mut json = serde_json::to_string(&replies).unwrap();
    for row in LOCAL {
        json = json.replace(row[0], row[column]);
    }
    serde_json::from_str(&json).unwrap()
}

/// Longer texts first, so that none is replaced in part.
const LOCAL: [[&str; 3]; 26] = [
    [
        "上海市徐汇区天钥桥路 1 号 302，王芳 13800006789",
        "台北市大安區和平東路 1 號 3 樓，王芳 0912006789",
        "Blk 12 Bedok North St 1 #03-02, Amy Wong 91236789",
    ],
    [
        "云南直发，脆甜无籽，一箱约4斤",
        "日本空運，脆甜無籽，一箱約2公斤",
        "Crisp, sweet and seedless, about 2 kg a box",
    ],
    [
        "大家早上好 ☀️ 今天的团来啦",
        "大家早安 ☀️ 今天的團來囉",
        "Good morning ☀️ Today's picks are here",
    ],
    ["支付宝 amy@example.com", "台灣銀行 012345678901", "PayNow 91236789"],
    ["王芳 6789 南门驿站", "王芳 6789 南門店", "Amy 6789 South gate"],
    ["午市加开", "午間加開", "Lunch special"],
    ["要硬一点的", "要硬一點的", "firm ones please"],
    ["南门驿站", "南門店", "South gate"],
    ["3栋楼下", "3棟樓下", "Block 3 lobby"],
    ["阳光玫瑰", "陽光玫瑰", "Shine Muscat"],
    ["短袖T恤", "短袖T恤", "T-shirt"],
    ["Oat milk", "燕麥奶", "Oat milk"],
    ["放驿站", "放管理室", "leave at the lobby"],
    ["黑色", "黑色", "Black"],
    ["白色", "白色", "White"],
    ["妈妈", "媽媽", "Mum"],
    ["葡萄", "葡萄", "grapes"],
    ["顺丰", "黑貓", "DHL"],
    ["小美", "小美", "Amy"],
    ["小鱼", "小魚", "Ben"],
    ["小魚", "小魚", "Beny"],
    ["阿强", "阿強", "Kevin"],
    ["木木", "木木", "Mei"],
    ["阿*", "阿*", "Jo*"],
    ["\"箱\"", "\"箱\"", "\"box\""],
    ["\"件\"", "\"件\"", "\"piece\""],
];

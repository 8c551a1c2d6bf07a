//! Tests of the whole way from text to configuration: faulty files with the faults they are to
//! yield, and the files of `deploy/`.
//! Each kind of value has its own table beside its reader.

use proptest::prelude::*;

use super::*;
use crate::domain::money::{Money, Rate};
use crate::domain::policy::{DropDays, ItemCommission, Locale, SelfPurchase, UnitRatio};

/// A file without a fault: each case changes one thing about it.
const FINE: &str = r#"shop = { name = "团团优选" }
accounts = [{ key = "sim", platform = "simulator" }]

[[communities]]
slug = "sunshine"
name = "阳光花园"
locale = "zh-Hans"
time_zone = "Asia/Shanghai"
currency = "CNY"
leaders = ["阿明"]
seed = [{ name = "阿明" }, { name = "小美", invited_by = "阿明" }]

[[items]]
key = "grapes"
name = "阳光玫瑰"
unit = "箱"
price = "39.90"
limit_per_member = 5

[[items]]
key = "eggs"
name = "土鸡蛋"
unit = "盒"
price = 16.8

[[drops]]
key = "morning"
at = "10:00"
closes = "12:00"

[[drops.offers]]
item = "grapes"
code = "A1"
stock_each = 50

[[drops.offers]]
item = "eggs"
code = "A2"

[commission]
level1 = "3%"
"#;

/// Replace a line of the file and expect one fault: place, part of the message, part of the hint.
#[track_caller]
fn check_line(line: &str, instead: &str, expected: (usize, usize, &str, &str)) {
    let full = format!("{line}\n");
    assert!(FINE.contains(&full), "the file has no line {line}");
    check_text(&FINE.replacen(&full, &format!("{instead}\n"), 1), &[expected]);
}

#[track_caller]
fn check_text(text: &str, expected: &[(usize, usize, &str, &str)]) {
    let (config, faults) = check(text);
    let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
    let told = told.join("\n");
    assert_eq!(faults.len(), expected.len(), "{told}");
    for (fault, (line, column, message, hint)) in faults.iter().zip(expected) {
        assert_eq!((fault.line, fault.column), (*line, *column), "{told}");
        assert!(fault.message.contains(message), "{told}");
        assert!(fault.hint.contains(hint), "{told}");
    }
    let refused = faults.iter().any(|fault| fault.severity == Severity::Error);
    assert_eq!(config.is_none(), refused, "{told}");
}

#[test]
fn a_file_without_faults_means_what_it_says() {
    let (config, faults) = check(FINE);
    assert_eq!(faults, []);
    let config = config.unwrap();
    assert_eq!(config.engine, EngineConfig { lanes: 2, batch_max: 256, inbox_days: 30 });
    assert_eq!(config.web.bind.to_string(), "127.0.0.1:8080");
    let account = &config.accounts[0];
    assert_eq!((account.platform, account.bot_name.as_str()), (PlatformKind::Simulator, "团团"));
    let policy = config.policy;
    assert_eq!(policy.item("grapes").unwrap().price, Money::from_minor(3_990));
    assert_eq!(policy.item("eggs").unwrap().price, Money::from_minor(1_680));
    assert_eq!(policy.commission.level1, Rate { bps: 300 });
    assert_eq!(policy.commission.return_window_days, 7);
    assert_eq!(policy.commission.self_purchase, SelfPurchase::None);
    assert_eq!(policy.orders.hold_minutes, 1_440);
    assert_eq!(policy.withdrawal.minimum, Money::from_minor(1_000));
    assert!(policy.attribution.new_buyers_only);
    assert_eq!(policy.drops[0].days, DropDays::Daily);
    assert_eq!(policy.drops[0].offers[0].stock_each, Some(50));
    let seed = &policy.community("sunshine").unwrap().seed;
    assert_eq!(seed[1].invited_by.as_deref(), Some("阿明"));
}

#[test]
fn what_is_written_in_friendly_ways_is_understood() {
    let text = FINE
        .replace(
            "limit_per_member = 5",
            "other_units = { \"打\" = 12, kg = 2, \"斤\" = \"1/2\" }\n\
             variants = [{ name = \"大\", stock_each = 3 }, { name = \"小\", stock_each = 4 }]\n\
             commission = { level1 = \"2.00\" }",
        )
        .replace("at = \"10:00\"", "at = 10:00\ngreeting = \"早\"\ndays = [\"mon\", \"thu\"]");
    let (config, faults) = check(&text);
    // The stock of the offer is more than its variants have.
    assert_eq!(faults.len(), 1, "{faults:?}");
    let policy = config.unwrap().policy;
    let grapes = policy.item("grapes").unwrap();
    let ratio = |unit: &str, numerator, denominator| UnitRatio {
        unit: unit.to_owned(),
        numerator,
        denominator,
    };
    assert_eq!(grapes.other_units, [ratio("打", 12, 1), ratio("kg", 2, 1), ratio("斤", 1, 2)]);
    assert_eq!(grapes.variants[1].stock_each, Some(4));
    let fixed = ItemCommission::Fixed(Money::from_minor(200), Money::ZERO);
    assert_eq!(grapes.commission, Some(fixed));
    let drop = &policy.drops[0];
    assert_eq!(drop.at.to_string(), "10:00:00");
    assert_eq!(drop.greeting, [(Locale::ZhHans, "早".to_owned())]);
    assert_eq!(drop.days, DropDays::Weekdays(vec![chrono::Weekday::Mon, chrono::Weekday::Thu]));
}

#[test]
fn values_that_cannot_be_read() {
    check_line("price = \"39.90\"", "price = \"¥39.90\"", (17, 9, "not an amount", "no currency"));
    check_line("price = 16.8", "price = true", (24, 9, "found a boolean", "39.90"));
    check_line("price = 16.8", "price = 16.805", (24, 9, "more than 2 decimals", "round"));
    check_line("unit = \"盒\"", "unit = \"\"", (23, 8, "empty", "write something"));
    check_line("level1 = \"3%\"", "level1 = 0.03", (41, 10, "per cent sign", "\"0.03%\""));
    check_line("code = \"A2\"", "code = \"蛋\"", (38, 8, "cannot be a code", "\"A1\""));
    check_line("at = \"10:00\"", "at = \"25:00\"", (28, 6, "not a time of day", "23:59"));
    check_line("stock_each = 50", "stock_each = 0", (34, 14, "out of bounds", "from 1 to"));
    check_line("stock_each = 50", "stock_each = \"50\"", (34, 14, "found a text", "for example"));
    check_line("key = \"morning\"", "key = \"Morning\"", (27, 7, "cannot be a key", "lower-case"));
    check_line(
        "time_zone = \"Asia/Shanghai\"",
        "time_zone = \"Asia/Shangai\"",
        (8, 13, "no time zone", "did you mean `Asia/Shanghai`?"),
    );
    check_line("currency = \"CNY\"", "currency = \"RMB\"", (9, 12, "no currency", "`CNY`"));
    check_line("locale = \"zh-Hans\"", "locale = \"zh\"", (7, 10, "no language", "`zh-Hans`"));
    check_line(
        "leaders = [\"阿明\"]",
        "leaders = \"阿明\"",
        (10, 11, "expected a list", "[\"…\"]"),
    );
}

#[test]
fn keys_that_are_not_there_or_not_known() {
    check_line("unit = \"箱\"", "", (13, 1, "`unit` is missing", "write `unit = \"…\"`"));
    check_line(
        "unit = \"箱\"",
        "unit = \"箱\"\nalias = [\"葡萄\"]",
        (17, 1, "unknown key `alias`", "did you mean `aliases`?"),
    );
    check_line(
        "[commission]",
        "[comission]",
        (40, 2, "unknown key `comission`", "did you mean `commission`?"),
    );
}

#[test]
fn references_and_doubles() {
    check_line(
        "item = \"eggs\"",
        "item = \"egg\"",
        (37, 8, "no item `egg`", "did you mean `eggs`?"),
    );
    check_line("code = \"A2\"", "code = \"a1\"", (38, 8, "`A1` is given twice", "A1, A2"));
    check_text(
        &FINE.replace("key = \"eggs\"", "key = \"grapes\""),
        &[(21, 7, "another item `grapes`", "own"), (37, 8, "no item `eggs`", "grapes")],
    );
    check_line(
        "at = \"10:00\"",
        "at = \"10:00\"\ncommunities = [\"sunshine\", \"sunshin\"]",
        (29, 28, "no community `sunshin`", "did you mean `sunshine`?"),
    );
    check_line("leaders = [\"阿明\"]", "leaders = [\"阿民\"]", (10, 12, "not in the seed", "seed"));
    check_line(
        "seed = [{ name = \"阿明\" }, { name = \"小美\", invited_by = \"阿明\" }]",
        "seed = [{ name = \"阿明\", invited_by = \"小美\" }, { name = \"小美\" }]",
        (11, 37, "not further up", "inviters before"),
    );
    check_line(
        "name = \"土鸡蛋\"",
        "name = \"阳光玫瑰\"",
        (22, 8, "also means item", "asked which"),
    );
}

#[test]
fn stocks_limits_and_prices_fit() {
    check_line("stock_each = 50", "stock_each = 3", (34, 14, "may have 5", "lower the limit"));
    check_line(
        "stock_each = 50",
        "stock_each = 50\nminimum = 60",
        (35, 11, "cannot be reached", "lower it"),
    );
    check_line("price = 16.8", "price = 0", (24, 9, "price of nothing", "gift"));
    check_line("price = 16.8", "price = 1680000", (24, 9, "more than 1000000", "minor units"));
    check_line(
        "stock_each = 50",
        "stock_each = 50\nprice = \"3.98\"",
        (35, 9, "more than ten times", "point"),
    );
    check_line(
        "stock_each = 50",
        "stock = { sunshine = 50, taipei = 30 }",
        (34, 26, "no community `taipei`", "sunshine"),
    );
}

#[test]
fn tiers_ascend_and_multiply_something() {
    let check = |tiers: &str, expected: &[(usize, usize, &str, &str)]| {
        check_text(&format!("{FINE}[points]\nper_amount = 1\ntiers = [{tiers}]\n"), expected);
    };
    let silver = "{ name = \"银\", spend = 100, times = 1.5 }";
    check(&format!("{silver}, {{ name = \"金\", spend = \"100.01\", times = 1.5 }}"), &[]);
    check(
        &format!("{silver}, {{ name = \"金\", spend = \"100.00\", times = 2 }}"),
        &[(44, 74, "no more than the one before", "lowest to the highest")],
    );
    check(
        &format!("{silver}, {{ name = \"银\", spend = 200, times = 1.2 }}"),
        &[(44, 61, "called `银`", "names"), (44, 87, "gives less", "as much or more")],
    );
    check(
        "{ name = \"银\", times = 0.5 }",
        &[(44, 10, "`spend`", "spend"), (44, 32, "not a multiplier", "from 1 to 100")],
    );
    check_text(
        &format!("{FINE}[points]\ntiers = [{silver}]\n"),
        &[(43, 10, "they earn nothing", "per_amount")],
    );
}

#[test]
fn unlawful_schemes_are_refused_with_the_reason() {
    check_line(
        "level1 = \"3%\"",
        "level1 = \"3%\"\nlevel2 = \"1%\"",
        (42, 10, "unless its risk is accepted", "accept_two_level_risk = true"),
    );
    check_text(
        &format!("{FINE}level2 = \"1%\"\nlevel3 = \"1%\"\naccept_two_level_risk = true\n"),
        &[(43, 1, "more than two commission levels", "remove the key")],
    );
    check_line(
        "level1 = \"3%\"",
        "level1 = \"3%\"\nper_invite = \"5.00\"",
        (42, 1, "per recruited head is refused", "level1"),
    );
    check_line(
        "level1 = \"3%\"",
        "level1 = \"3%\"\nreturn_window_days = 3",
        (42, 22, "fewer than the seven", "7 or more"),
    );
    check_line("level1 = \"3%\"", "level1 = \"31%\"", (41, 10, "over the cap of 30%", "lower"));
    check_line("name = \"土鸡蛋\"", "name = \"年度会员费\"", (22, 8, "membership", "0%"));
    check_line(
        "limit_per_member = 5",
        "commission = { level1 = \"12.00\" }",
        (18, 25, "this amount per unit", "lower"),
    );
    check_line(
        "limit_per_member = 5",
        "commission = { level1 = \"2%\", level2 = \"1%\" }",
        (18, 40, "unless its risk is accepted", "lawyer"),
    );
    check_line("level1 = \"3%\"", "cap = \"60%\"", (41, 7, "more than half", "authority"));
}

#[test]
fn a_simulator_stands_alone() {
    check_line(
        "accounts = [{ key = \"sim\", platform = \"simulator\" }]",
        "accounts = [{ key = \"a\", platform = \"simulator\" }, { key = \"b\", platform = \"simulator\" }]",
        (2, 13, "stands alone", "file of its own"),
    );
    check_line(
        "accounts = [{ key = \"sim\", platform = \"simulator\" }]",
        "accounts = []",
        (2, 12, "no account", "[[accounts]]"),
    );
}

#[test]
fn an_account_has_what_its_platform_needs() {
    let account = |keys: &str| format!("accounts = [{{ key = \"it\", {keys} }}]");
    let fine = account("platform = \"telegram\", token_env = \"TOKEN\"");
    let wechat = account(
        "platform = \"wechaty\", token_env = \"TOKEN\", endpoint = \"http://192.168.0.2:8788\"",
    );
    let sealed = wechat.replace("http://192.168.0.2", "https://gate.example.org");
    for fine in [fine, wechat, sealed] {
        check_text(
            &FINE.replace("accounts = [{ key = \"sim\", platform = \"simulator\" }]", &fine),
            &[],
        );
    }
    for (keys, (column, message, hint)) in [
        ("platform = \"telegram\"", (13, "needs `token_env`", "@BotFather")),
        ("platform = \"telegram\", token_env = \"12:a-b\"", (62, "no name", "TELEGRAM_TOKEN")),
        (
            "platform = \"simulator\", api_url = \"http://x\"",
            (61, "no use for `api_url`", "remove"),
        ),
        ("platform = \"wechaty\", token_env = \"T\"", (13, "needs `endpoint`", "127.0.0.1:8788")),
        (
            "platform = \"wechaty\", token_env = \"T\", endpoint = \"grpc://x:1\"",
            (77, "begins with http://", "127.0.0.1"),
        ),
        (
            "platform = \"wechaty\", token_env = \"T\", endpoint = \"http://gate\"",
            (77, "no address with a port", "127.0.0.1"),
        ),
        (
            "platform = \"wechaty\", token_env = \"T\", endpoint = \"http://gate.example.org:80\"",
            (77, "not sealed", "tunnel"),
        ),
    ] {
        check_line(
            "accounts = [{ key = \"sim\", platform = \"simulator\" }]",
            &account(keys),
            (2, column, message, hint),
        );
    }
}

#[test]
fn one_side_opens_a_onebot_connection() {
    let account = |more: &str| {
        let keys = "key = \"q\", platform = \"onebot\", token_env = \"T\"";
        FINE.replace("key = \"sim\", platform = \"simulator\"", &format!("{keys}{more}"))
    };
    for fine in ["", ", ws_url = \"wss://bot.example\"", ", listen = \"127.0.0.1:6700\""] {
        check_text(&account(fine), &[]);
    }
    let (at, both) = (73, ", ws_url = \"ws://x\", listen = \"127.0.0.1:6700\"");
    check_text(&account(both), &[(2, 92, "only one side", "or `listen`")]);
    for (url, message, hint) in [
        ("http://127.0.0.1:3001", "no address of a WebSocket", "ws://127.0.0.1:3001"),
        ("ws:///x", "no address of a WebSocket", "ws_url ="),
        ("ws://x/?access_token=1", "no secrets", "token_env"),
    ] {
        check_text(&account(&format!(", ws_url = \"{url}\"")), &[(2, at, message, hint)]);
    }
}

/// Another drop with code A1, in the same community.
const SECOND_DROP: &str = "\n[[drops]]\nkey = \"second\"\nat = \"11:00\"\ncloses = \"13:00\"\n\
                           offers = [{ item = \"eggs\", code = \"A1\" }]\n";

#[test]
fn a_code_means_one_thing_at_a_time() {
    let text = format!("{FINE}{SECOND_DROP}");
    let code = (47, 35, "at the same time from drop `morning`", "letter");
    check_text(&text, &[(47, 20, "item `eggs` can be on offer", "which offer"), code]);
    check_text(&text.replace("at = \"11:00\"", "at = \"12:30\""), &[]);
    // On Mondays and Tuesdays: never on the same day.
    let text = text
        .replace("closes = \"12:00\"", "closes = \"12:00\"\ndays = [\"mon\"]")
        .replace("closes = \"13:00\"", "closes = \"13:00\"\ndays = [\"tue\"]");
    check_text(&text, &[]);
    let closes = "closes = \"12:00\"";
    check_line(closes, "closes = \"10:00\"", (29, 10, "still open when it is posted again", "ten"));
    check_line(closes, "closes = \"10:03\"", (29, 10, "open for 3 minutes", "time to read"));
}

/// Another community, with another currency.
const HARBOUR: &str = "\n[[communities]]\nslug = \"harbour\"\nname = \"Harbour\"\nlocale = \"en\"\n\
                       time_zone = \"Asia/Singapore\"\ncurrency = \"SGD\"\n";

#[test]
fn a_price_is_in_one_currency() {
    let text = format!("{FINE}{HARBOUR}");
    let both = "pay in CNY and SGD";
    check_text(&text, &[(17, 9, both, "one drop per"), (24, 9, both, "one drop per")]);
    let text = text.replace("at = \"10:00\"", "at = \"10:00\"\ncommunities = [\"sunshine\"]");
    check_text(&text, &[(45, 8, "no drop is posted in `harbour`", "by hand")]);
    let yen = text.replace("\"SGD\"", "\"JPY\"");
    let decimals = (49, 12, "JPY has 0 decimals", "file for this currency");
    check_text(&yen, &[(45, 8, "no drop is posted", ""), decimals]);
}

#[test]
fn all_faults_are_told_at_once() {
    let text = FINE
        .replace("price = \"39.90\"", "price = \"much\"")
        .replace("unit = \"盒\"\n", "")
        .replace("item = \"eggs\"", "item = \"egs\"")
        .replace("level1 = \"3%\"", "level1 = \"3\"\nrecruit_bonus = 5");
    check_text(
        &text,
        &[
            (17, 9, "not an amount", ""),
            (20, 1, "`unit` is missing", ""),
            (36, 8, "no item `egs`", "`eggs`"),
            (40, 10, "not a rate", ""),
            (41, 1, "per recruited head", ""),
        ],
    );
}

#[test]
fn what_is_not_toml_is_told_with_what_else_is_wrong() {
    let text = FINE
        .replace("name = \"土鸡蛋\"", "name = \"土鸡蛋")
        .replace("level1 = \"3%\"", "level1 = \"3%\"\nlevel1 = \"4%\"\nlevel9 = \"1%\"");
    check_text(
        &text,
        &[
            (22, 12, "", "quotation marks"),
            (42, 1, "duplicate key", "remove one"),
            (43, 1, "more than two commission levels", ""),
        ],
    );
}

#[test]
fn files_of_windows_editors_are_read() {
    let (config, faults) = check(&format!("\u{feff}{}", FINE.replace('\n', "\r\n")));
    assert_eq!(faults, []);
    assert_eq!(config, check(FINE).0);
    let text = FINE.replace("price = 16.8", "price = 0").replace('\n', "\r\n");
    check_text(&text, &[(24, 9, "price of nothing", "gift")]);
}

#[test]
fn keys_in_chinese_stand_in_quotation_marks() {
    check_line(
        "unit = \"箱\"",
        "unit = \"箱\"\nother_units = { 打 = 12 }",
        (17, 17, "unquoted key", "\"斤\" = \"1/2\""),
    );
}

proptest! {
    /// Whatever is left of a file when lines are lost, doubled and damaged: it is judged without
    /// a panic, and it is usable exactly when no fault is an error.
    #[test]
    fn a_damaged_file_is_judged_calmly(
        damage in proptest::collection::vec((0..300_usize, 0..6_u8, 0..60_usize), 1..6),
    ) {
        let mut lines: Vec<String> =
            include_str!("../../deploy/shop.example.toml").lines().map(str::to_owned).collect();
        for (line, kind, column) in damage {
            let at = line % lines.len();
            let characters: Vec<char> = lines[at].chars().collect();
            let cut = column.min(characters.len());
            match kind {
                0 => { lines.remove(at); }
                1 => lines.insert(at, lines[at].clone()),
                2 => lines[at] = characters[..cut].iter().collect(),
                3 => lines[at] = characters[cut..].iter().collect(),
                4 => lines[at] = lines[at].replace('"', ""),
                _ => lines[at] = lines[at].replace(|it: char| it.is_ascii_digit(), "9"),
            }
        }
        let text = lines.join("\n");
        let (config, faults) = check(&text);
        let refused = faults.iter().any(|fault| fault.severity == Severity::Error);
        prop_assert_eq!(config.is_none(), refused);
        for fault in faults {
            prop_assert!(fault.line <= lines.len() + 1 && !fault.hint.is_empty());
        }
    }
}

#[test]
fn an_empty_file_lacks_what_every_shop_needs() {
    let expected = ["shop", "accounts", "communities"].map(|key| format!("`{key}` is missing"));
    let expected: Vec<_> = expected.iter().map(|it| (1, 1, it.as_str(), "write")).collect();
    check_text("", &expected);
}

#[test]
fn pictures_are_sought_below_the_files_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("media")).unwrap();
    std::fs::write(folder.path().join("media/grapes.svg"), "<svg/>").unwrap();
    let path = folder.path().join("shop.toml");
    let with = |picture: &str| {
        let image = format!("limit_per_member = 5\nimage = \"{picture}\"");
        std::fs::write(&path, FINE.replace("limit_per_member = 5", &image)).unwrap();
        check_file(&path)
    };
    assert_eq!(with("media/grapes.svg").1, []);
    assert_eq!(with("https://example.org/grapes.png").1, []);
    let (config, faults) = with("media/grape.svg");
    assert!(config.is_none());
    assert_eq!((faults[0].line, faults[0].column), (19, 9));
    assert_eq!(faults[0].hint, "did you mean `grapes.svg`?");
    assert!(load(&path).is_err());
}

#[test]
fn the_demo_shop_is_fine() {
    let text = include_str!("../../deploy/demo.toml");
    let (config, faults) = check(text);
    assert_eq!(faults, []);
    let policy = config.unwrap().policy;
    assert_eq!(policy.communities.len(), 3);
    for community in &policy.communities {
        let drops = policy.drops.iter().filter(|it| it.communities.contains(&community.slug));
        let daily: Vec<_> = drops.clone().filter(|it| it.days == DropDays::Daily).collect();
        assert_eq!(daily.len(), 3, "{}", community.slug);
        // The demo's clock starts here.
        assert!(daily.iter().any(|it| it.at.to_string() == "09:59:00"), "{}", community.slug);
        assert!(drops.clone().any(|it| it.days == DropDays::MonthDays(vec![18])));
    }
}

#[test]
fn the_example_is_fine_and_names_every_key() {
    let text = include_str!("../../deploy/shop.example.toml");
    assert!(text.starts_with("#:schema shop.schema.json\n"));
    assert_eq!(check(text).1, []);
    let schema = schema();
    let sections = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for key in sections.flat_map(|section| section["properties"].as_object().unwrap().keys()) {
        assert!(text.contains(key.as_str()), "the example does not mention `{key}`");
    }
}

#[test]
fn ways_that_others_can_read_and_doors_that_are_open_to_all_are_warned_of() {
    let onebot = |more: &str| {
        let keys = "key = \"q\", platform = \"onebot\", token_env = \"T\"";
        FINE.replace("key = \"sim\", platform = \"simulator\"", &format!("{keys}{more}"))
    };
    let plain = ", ws_url = \"ws://bot.example:3001\"";
    check_text(&onebot(plain), &[(2, 73, "not sealed", "write wss://")]);
    let all = ", listen = \"0.0.0.0:6700\"";
    check_text(&onebot(all), &[(2, 73, "all addresses", "127.0.0.1 behind a proxy")]);
    let telegram =
        "platform = \"telegram\", token_env = \"T\", api_url = \"http://api.example.org\"";
    let telegram = FINE.replace("platform = \"simulator\"", telegram);
    check_text(&telegram, &[(2, 78, "not sealed", "write https://")]);
    let web = |keys: &str| format!("{FINE}\n[web]\n{keys}\n");
    let line = FINE.lines().count() + 3;
    for (keys, message, hint) in [
        ("bind = \"0.0.0.0:8080\"", "all addresses", "container"),
        ("bind = \"[::]:8080\"", "all addresses", "container"),
        ("public_url = \"http://shop.example\"", "not sealed", "https://"),
        ("public_url = \"https://shop.example\"", "no proxy is named", "trusted_proxies = "),
        ("public_url = \"shop.example\"", "not the address of a site", "https:// and a name"),
        ("trusted_proxies = [\"0.0.0.0/0\"]", "believe everybody", "alone"),
        ("trusted_proxies = [\"nginx\"]", "neither an address nor a network", "digits"),
    ] {
        let column = keys.find('"').unwrap() + 1;
        check_text(&web(keys), &[(line, column, message, hint)]);
    }
    let fine =
        "public_url = \"https://shop.example\"\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]";
    check_text(&web(fine), &[]);
    let config = check(&web(fine)).0.unwrap();
    assert_eq!(config.web.public_url.unwrap().origin(), "https://shop.example");
    assert_eq!(config.web.trusted_proxies.len(), 2);
}

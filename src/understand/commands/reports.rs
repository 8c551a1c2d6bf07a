//! Commands that show a leader how things stand.

use super::lookups::{by_number, of_member, who_ordered};
use super::sales::{export, exported, sold};
use super::{Command, Half, Takes};
use crate::domain::intent::{LeaderIntent, Role};
use crate::domain::reports::Lead;

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "reports.pick_list",
        who: Role::Leader,
        slash: &["summary"],
        words: "今日汇总 | 订单汇总 | 汇总 | 统计 | 备货单 | 拣货单 | pick list | picklist | summary",
        takes: Takes::Shows(LeaderIntent::Reports(Lead::PickList)),
    },
    Command {
        id: "reports.today",
        who: Role::Leader,
        slash: &["today"],
        words: "今日数据 | 今天数据 | 今日 | 数据 | 日报 | 报表 | today's numbers | today | stats",
        takes: Takes::Shows(LeaderIntent::Reports(Lead::Today)),
    },
    Command {
        id: "reports.sold",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Asked(sold),
    },
    Command {
        id: "reports.export",
        who: Role::Leader,
        slash: &["export"],
        words: "导出 | 匯出 | 導出 | export",
        takes: Takes::lead(export, Half::Never),
    },
    Command {
        id: "reports.export",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(exported),
    },
    Command {
        id: "reports.order",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(by_number),
    },
    Command {
        id: "reports.who_ordered",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(who_ordered),
    },
    Command {
        id: "reports.of_member",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(of_member),
    },
];

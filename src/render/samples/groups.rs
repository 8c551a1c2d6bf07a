//! Samples of what is said about groups and their linking.

use super::{instant, text};
use crate::domain::reply::{Hurdle, LinkRefusal, News, Reply, Waiting};

pub(super) fn groups() -> Vec<Reply> {
    let name = || text("木木");
    let hurdles = vec![
        Hurdle::Deaf,
        Hurdle::NotAdmin,
        Hurdle::NoLinks,
        Hurdle::Public,
        Hurdle::MentionsOnly,
        Hurdle::RepliesOnly,
    ];
    let refusals = [
        LinkRefusal::BadCode,
        LinkRefusal::Shut,
        LinkRefusal::Taken { name: name() },
        LinkRefusal::GroupTaken,
        LinkRefusal::NotAdmin,
        LinkRefusal::Anonymous,
        LinkRefusal::Alone,
    ];
    let mut replies = vec![
        Reply::Hello { shop: name(), hurdles: Vec::new() },
        Reply::Hello { shop: name(), hurdles: hurdles.clone() },
        Reply::Hindered { hurdles },
        Reply::Hindered { hurdles: Vec::new() },
        Reply::Missed {
            since: instant("2026-03-04T12:10:00Z"),
            until: instant("2026-03-04T12:41:00Z"),
        },
        Reply::Unsaid { news: vec![Waiting { kind: News::Goods, count: 1 }] },
        Reply::Unsaid {
            news: [(News::Goods, 2), (News::Closing, 1), (News::Receipt, 3), (News::Notice, 12)]
                .map(|(kind, count)| Waiting { kind, count })
                .into(),
        },
        Reply::Linked { name: name(), leader: text("阿强") },
        Reply::Unlinked { name: name() },
        Reply::WayIn { name: name(), link: text("https://t.me/+AbCdEf") },
        Reply::WhichGroup { names: vec![text("1 木木"), text("2 小美")] },
        Reply::NoGroup { shop: name() },
        Reply::NotRecognized { shop: name() },
    ];
    replies.extend(refusals.map(|why| Reply::LinkRefused { why }));
    replies
}

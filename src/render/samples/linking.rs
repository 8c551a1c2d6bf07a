//! Samples of what is said about groups and their linking.

use super::{instant, text};
use crate::domain::groups;
use crate::domain::reply::{Hurdle, LinkRefusal, News, Reply, Waiting};

pub(super) fn linking() -> Vec<Reply> {
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
        Reply::Groups(groups::Reply::Hello { shop: name(), hurdles: Vec::new() }),
        Reply::Groups(groups::Reply::Hello { shop: name(), hurdles: hurdles.clone() }),
        Reply::Groups(groups::Reply::Hindered { hurdles }),
        Reply::Groups(groups::Reply::Hindered { hurdles: Vec::new() }),
        Reply::Groups(groups::Reply::Missed {
            since: instant("2026-03-04T12:10:00Z"),
            until: instant("2026-03-04T12:41:00Z"),
        }),
        Reply::Groups(groups::Reply::Unsaid {
            news: vec![Waiting { kind: News::Goods, count: 1 }],
        }),
        Reply::Groups(groups::Reply::Unsaid {
            news: [(News::Goods, 2), (News::Closing, 1), (News::Receipt, 3), (News::Notice, 12)]
                .map(|(kind, count)| Waiting { kind, count })
                .into(),
        }),
        Reply::Groups(groups::Reply::Linked { name: name(), leader: text("阿强") }),
        Reply::Groups(groups::Reply::Unlinked { name: name() }),
        Reply::Groups(groups::Reply::WayIn { name: name(), link: text("https://t.me/+AbCdEf") }),
        Reply::Groups(groups::Reply::WhichGroup {
            names: vec![text("1 木木"), text("2 小美")]
        }),
        Reply::Groups(groups::Reply::NoGroup { shop: name() }),
        Reply::Groups(groups::Reply::NotRecognized { shop: name() }),
    ];
    replies.extend(refusals.map(|why| Reply::Groups(groups::Reply::LinkRefused { why })));
    replies
}

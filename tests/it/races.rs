//! Two processes on one database are told the same things at the same moment: withdrawals, bonds, payments
//! and cancellations end in one result, and the books are sound.

use sqlx::AssertSqlSafe;
use tuan::app::App;
use tuan::domain::event::{Body, Evidence};
use tuan::domain::ids::MemberId;
use tuan::domain::intent::Intent;
use tuan::domain::operate::OperatorIntent;

use crate::stage::{Stage, hand_in_at, ordered, person, said};

/// How often each side is told.
const TIMES: usize = 4;

/// Hand these in at two processes at once, each side in its own order.
async fn race(stage: &Stage, other: &App, name: &str, bodies: &[Body]) {
    let causes = |side: &str, bodies: Vec<&Body>| {
        let cause = |(n, body): (usize, &&Body)| {
            stage.cause("corner", &format!("{name}:{side}:{n}"), (*body).clone())
        };
        bodies.iter().enumerate().map(cause).collect::<Vec<_>>()
    };
    let ours: Vec<_> = std::iter::repeat_n(bodies.iter(), TIMES).flatten().collect();
    let theirs: Vec<_> = std::iter::repeat_n(bodies.iter().rev(), TIMES).flatten().collect();
    let (ours, theirs) = (causes("a", ours), causes("b", theirs));
    tokio::join!(stage.hand_in(ours), hand_in_at(other, theirs));
    stage.settle().await;
}

async fn number(stage: &Stage, sql: &str) -> i64 {
    // Made of texts of this file.
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&stage.pool).await.unwrap()
}

async fn id(stage: &Stage, name: &str) -> MemberId {
    MemberId(number(stage, &format!("select member_id from member where name = '{name}'")).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_processes_are_told_at_once_happens_once() {
    let stage = Stage::corner().await;
    stage.says("阿强", "A1 x5 A2 x3").await;
    stage.says("阿明", "收到 #1").await;
    stage.says("阿明", "已签收 #1").await;
    stage.says("小美", "收款 支付宝 13800000000").await;
    let other = stage.colleague().await;

    // One newcomer, two inviters.
    let by = |inviter: &str| Body::Joined {
        members: vec![person("阿珍")],
        inviter: Some(person(inviter)),
        evidence: Evidence::JoinEvent,
    };
    race(&stage, &other, "join", &[by("小美"), by("老王")]).await;
    let bonds = "select count(*) from bond b join member m using (lane, community_id, member_id)
                 where m.name = '阿珍' and b.refused is null";
    assert_eq!(number(&stage, bonds).await, 1);

    // Two members who are to be each other's inviter.
    let (zhen, wang) = (id(&stage, "阿珍").await, id(&stage, "老王").await);
    let bind = |member, inviter| {
        let (inviter, reason) = (Some(inviter), "a race".to_owned());
        ordered(Intent::Operate(OperatorIntent::Rebind { member, inviter, reason }))
    };
    race(&stage, &other, "loop", &[bind(zhen, wang), bind(wang, zhen)]).await;
    let pairs = "select count(*) from member a join member b
                    on b.lane = a.lane and b.community_id = a.community_id and b.member_id = a.inviter_id
                 where b.inviter_id = a.member_id";
    assert_eq!(number(&stage, pairs).await, 0);

    // An order that is paid and cancelled at the same time: money wins, once.
    stage.says("老王", "A3 x2").await;
    race(&stage, &other, "pay", &[said("老王", "取消"), said("阿明", "收到 #2")]).await;
    assert_eq!(
        number(&stage, "select count(*) from orders where order_id = 2 and state = 'paid'").await,
        1
    );
    assert_eq!(
        number(&stage, "select count(*) from journal where order_id = 2 and kind = 'paid'").await,
        1
    );
    other.engine.shut_down().await;

    // A balance that is asked for many times at once.
    stage.advance(chrono::Duration::days(9)).await;
    let other = stage.colleague().await;
    race(&stage, &other, "withdraw", &[said("小美", "提现"), said("小美", "提现 11")]).await;
    assert_eq!(number(&stage, "select count(*) from withdrawal").await, 1);
    assert_eq!(number(&stage, "select count(*) from journal where kind = 'asked'").await, 1);
    other.engine.shut_down().await;
    stage.close_sound().await;
}

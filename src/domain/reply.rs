//! What the bot says, as data. Words live in `prompts/replies/<locale>/`, one template for each
//! variant; amounts and instants are turned into text there, for the reader's eyes.

mod delivery;
mod views;

use serde::{Deserialize, Serialize};

use super::ids::{MemberId, OrderId};
use super::intent::{About, Why};
use super::money::Money;
use super::refusal::Refusal;
use super::time::Timestamp;

pub use delivery::*;
pub use views::*;

/// Something the bot says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The order was taken or added to; the whole basket is shown.
    OrderTaken {
        /// What this message added.
        added: Vec<LineView>,
        /// The basket now.
        order: OrderView,
        /// Whether the shop does not yet know where it goes.
        needs_delivery: bool,
    },
    /// The basket was changed.
    OrderChanged {
        /// The basket now.
        order: OrderView,
    },
    /// Orders were cancelled whole.
    OrdersCancelled {
        /// Their numbers.
        orders: Vec<OrderId>,
    },
    /// The buyer is asked whether what they ordered for the speaker may be cancelled.
    BuyerAsked {
        /// The order.
        order: OrderId,
    },
    /// Something was refused.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// A question with numbered choices.
    Asked {
        /// Why it is asked.
        why: Why,
        /// The choices in words.
        choices: Vec<ChoiceView>,
        /// The item in question, where there is one.
        name: Option<String>,
        /// Its unit.
        unit: Option<String>,
    },
    /// My orders, newest first.
    MyOrders {
        /// At most ten.
        orders: Vec<OrderView>,
    },
    /// What is on offer.
    Menu {
        /// Open offers, in order of code.
        offers: Vec<OfferView>,
    },
    /// How to talk to the shop.
    Help {
        /// Whether the leader's part is shown too.
        leader: bool,
    },
    /// The answer to a question, from the catalogue.
    Answer {
        /// What was asked.
        about: About,
        /// About these offers.
        offers: Vec<OfferView>,
        /// Pick-up points.
        pickup_points: Vec<String>,
    },
    /// A day's check-in.
    CheckedIn {
        /// Points granted for the day.
        points: u32,
        /// Points granted on top for the streak.
        bonus: u32,
        /// Days in a row.
        days: u32,
        /// Points in all now.
        total: i64,
    },
    /// Points.
    Points {
        /// In all.
        total: i64,
        /// Days of check-in in a row, today or yesterday included.
        days: u32,
        /// Their tier, where the shop has tiers.
        tier: Option<TierView>,
    },
    /// Where the member's commission stands.
    Balance {
        /// Inside the return window.
        frozen: Money,
        /// May be withdrawn.
        available: Money,
        /// Asked for.
        locked: Money,
        /// Paid out.
        paid_out: Money,
        /// Points.
        points: i64,
    },
    /// Where the balance came from, newest first.
    Statement {
        /// At most twenty.
        entries: Vec<StatementLine>,
        /// What was withdrawn of it, newest first, at most five.
        withdrawals: Vec<WithdrawalLine>,
    },
    /// Where the group's money stands, for its leader.
    Accounts {
        /// Totals and days.
        accounts: AccountsView,
    },
    /// A newcomer was seen.
    Welcome {
        /// Who brought them.
        inviter: Option<String>,
    },
    /// The speaker's own invite code.
    InviteCode {
        /// The code.
        code: String,
        /// The platform's own link, where there is one.
        link: Option<String>,
        /// How many the speaker has brought.
        brought: i64,
    },
    /// A newcomer belongs to their inviter.
    Bound {
        /// The inviter's name.
        inviter: String,
    },
    /// The named inviter is asked whether it is so.
    ClaimAsked {
        /// The newcomer's name.
        newcomer: String,
        /// The inviter's name.
        inviter: String,
    },
    /// The named inviter said no.
    ClaimDenied,
    /// An address, a pick-up or a payee was noted.
    Noted {
        /// Which.
        what: Noted,
        /// The text as noted.
        text: String,
    },
    /// A share (晒单) was seen; a leader may approve it.
    ShareSeen,
    /// A share was approved.
    ShareApproved {
        /// Whose.
        name: String,
        /// Points granted.
        points: u32,
    },
    /// Feedback was passed to the leader.
    FeedbackSeen,
    /// To the leader: somebody gave feedback in the chat; what they said stays there.
    FeedbackGiven {
        /// Who.
        name: String,
    },
    /// Payment was confirmed.
    PaymentTaken {
        /// The orders, one line each.
        orders: Vec<OrderView>,
        /// What was received beyond (or, negative, short of) their totals.
        difference: Money,
        /// Those of them that had lapsed or been cancelled, and hold their goods again.
        #[serde(default)]
        again: Vec<OrderId>,
    },
    /// Part of what is due was received.
    Underpaid {
        /// The order.
        order: OrderId,
        /// Received so far.
        received: Money,
        /// Still due.
        due: Money,
    },
    /// Payment came after the order lapsed and its goods are gone.
    PaidTooLate {
        /// The order.
        order: OrderId,
        /// What is missing.
        name: String,
        /// Whether it was never bought, because its group buy failed.
        #[serde(default)]
        failed: bool,
    },
    /// To whoever confirmed a payment by a member's name: it was booked on orders that had lapsed.
    LateBooked {
        /// Which; what was received for each stands in it.
        orders: Vec<OrderView>,
    },
    /// Orders stand as they did before, or are cancelled.
    Undone {
        /// They, as they stand.
        orders: Vec<OrderView>,
    },
    /// Money was noted for these orders by mistake: it is noted no longer.
    PaymentUndone {
        /// They, as they stand.
        orders: Vec<OrderView>,
    },
    /// Orders are on their way.
    Shipped {
        /// The orders.
        orders: Vec<OrderView>,
        /// 顺丰, DHL.
        carrier: Option<String>,
        /// Tracking number.
        tracking: Option<String>,
    },
    /// Goods were received.
    GoodsReceived {
        /// The orders.
        orders: Vec<OrderId>,
    },
    /// Money goes back.
    Refunded {
        /// The order.
        order: OrderId,
        /// Whose.
        member: String,
        /// How much.
        amount: Money,
        /// Whether nothing is left of it.
        whole: bool,
    },
    /// Unpaid orders are about to lapse.
    AboutToLapse {
        /// The orders.
        orders: Vec<OrderView>,
        /// When.
        at: Timestamp,
    },
    /// Unpaid orders lapsed and their stock is free.
    Lapsed {
        /// The orders.
        orders: Vec<OrderId>,
    },
    /// An offer did not reach its minimum; its orders are released.
    NotReached {
        /// Name of the offer.
        name: String,
        /// Sold.
        sold: i64,
        /// Needed.
        minimum: u32,
    },
    /// To the promoter: an order of theirs was paid.
    CommissionFrozen {
        /// The order.
        order: OrderId,
        /// The buyer's name, shortened.
        buyer: String,
        /// How much.
        amount: Money,
    },
    /// To the promoter: an order of theirs was not paid after all.
    CommissionUndone {
        /// The order.
        order: OrderId,
        /// The buyer's name, shortened.
        buyer: String,
        /// How much.
        amount: Money,
    },
    /// To the promoter: commission may be withdrawn.
    CommissionAvailable {
        /// How much just became so.
        amount: Money,
        /// In how many orders.
        orders: usize,
    },
    /// The day's drop (上新).
    DropPosted {
        /// The operator's greeting.
        greeting: String,
        /// A picture.
        image: Option<String>,
        /// What is offered.
        offers: Vec<OfferView>,
        /// When it closes.
        closes_at: Timestamp,
        /// Whether it comes late, after an outage.
        late: bool,
    },
    /// A drop was missed by more than its grace.
    DropSkipped {
        /// The drop's key.
        drop: String,
        /// When it was planned.
        at: Timestamp,
    },
    /// Said once to the group.
    SoldOut {
        /// Code of the offer.
        code: String,
        /// Its name.
        name: String,
        /// The post that it stands in.
        #[serde(default)]
        post: Option<Box<PostView>>,
    },
    /// Offers closed; what was sold.
    Closed {
        /// The offers that closed.
        offers: Vec<OfferView>,
        /// Orders in them.
        orders: i64,
        /// Members who ordered.
        buyers: i64,
        /// Their sum.
        total: Money,
        /// Of it, not paid yet.
        unpaid: Money,
    },
    /// A leader opened an offer from the chat.
    Listed {
        /// It.
        offer: OfferView,
        /// When it closes.
        closes_at: Timestamp,
    },
    /// A leader changed price or stock.
    OfferChanged {
        /// The offer now.
        offer: OfferView,
        /// The post that it stands in.
        #[serde(default)]
        post: Option<Box<PostView>>,
        /// Its stock, where that was changed.
        #[serde(default)]
        stock: Option<StockView>,
    },
    /// A leader stopped offers.
    OffersStopped {
        /// Their codes.
        codes: Vec<String>,
    },
    /// A leader took back that offers were stopped.
    OffersReopened {
        /// They, as they stand.
        offers: Vec<OfferView>,
    },
    /// To whoever took back a price: so much was ordered at it meanwhile, and keeps it.
    SoldMeanwhile(SoldAt),
    /// Who has not paid.
    Unpaid {
        /// Oldest first, at most fifty.
        orders: Vec<OrderView>,
        /// How many there are beyond these.
        #[serde(default)]
        beyond: usize,
        /// Sum of all.
        total: Money,
    },
    /// Orders that are paid in part and have been kept long enough: the leader decides.
    RestMissing {
        /// In order of number.
        orders: Vec<OrderView>,
    },
    /// What to pick and for whom.
    PickList {
        /// By item.
        items: Vec<PickItem>,
        /// By member.
        members: Vec<OrderView>,
        /// How many there are beyond these.
        #[serde(default)]
        beyond: usize,
    },
    /// Today's numbers.
    Today {
        /// The figures.
        figures: Figures,
    },
    /// Newcomers without an inviter.
    Unattributed {
        /// Their names, newest first, at most fifty.
        names: Vec<String>,
        /// How many there are beyond these.
        #[serde(default)]
        beyond: usize,
    },
    /// The strongest promoters.
    Promoters {
        /// Name, members brought, commission earned.
        rows: Vec<PromoterView>,
    },
    /// To the leader: somebody calls themselves like somebody else.
    LookAlike {
        /// What they call themselves.
        name: String,
        /// Whom they look like.
        likeness: Likeness,
        /// What that one is called; `None` for the bot.
        other: Option<String>,
    },
    /// Lines of a chain under other names wait for the leader.
    ReviewWaiting {
        /// Who posted them.
        #[serde(default)]
        posted_by: Option<String>,
        /// One text a line: who, what.
        lines: Vec<String>,
    },
    /// To the leader: lines of a chain are missing from a later copy of it. Nothing was cancelled.
    ChainLinesGone {
        /// One text a line: who, what.
        lines: Vec<String>,
    },
    /// To the buyer: a leader was asked whether this may be placed.
    LeaderAsked {
        /// What waits for the leader's word.
        lines: Vec<LineView>,
        /// Why a leader is asked.
        why: Excess,
    },
    /// To the leader: a member's order waits for their word.
    RequestWaiting {
        /// The member, by whose number it is answered.
        member: MemberId,
        /// Their name.
        name: String,
        /// What they want.
        lines: Vec<LineView>,
        /// Why it is asked.
        why: Excess,
    },
    /// To the buyer: the leader said no.
    RequestDeclined {
        /// What is not placed.
        lines: Vec<LineView>,
    },
    /// To the leader who answered.
    RequestAnswered {
        /// The buyer's name.
        name: String,
        /// Placed rather than not.
        accepted: bool,
    },
    /// The lines waiting were taken or dropped.
    Reviewed {
        /// Taken rather than dropped.
        accepted: bool,
        /// How many lines.
        lines: usize,
    },
    /// A role or a promoter's standing was changed.
    RoleChanged {
        /// Whose.
        name: String,
        /// To what.
        change: RoleChange,
    },
    /// A withdrawal was asked for.
    WithdrawalAsked {
        /// How much.
        amount: Money,
    },
    /// A withdrawal was sent.
    WithdrawalSent {
        /// How much was asked for.
        amount: Money,
        /// Of it, kept back for tax.
        withheld: Money,
    },
    /// A withdrawal was refused or failed; the money is available again.
    WithdrawalReturned {
        /// How much.
        amount: Money,
        /// The bank could not, rather than an operator would not.
        failed: bool,
        /// Why, in the operator's or the bank's words.
        reason: Option<String>,
    },
    /// To the leader: a member asked for a withdrawal.
    WithdrawalWaiting {
        /// Whose.
        name: String,
        /// How much.
        amount: Money,
    },
    /// Points pay a part of the basket.
    PointsApplied {
        /// So many points.
        points: i64,
        /// Worth so much.
        worth: Money,
        /// The basket now.
        order: OrderView,
    },
    /// Points lapsed.
    PointsLapsed {
        /// So many.
        points: i64,
    },
    /// The bot was added to a group that is linked to nothing: it greets and asks for the code.
    Hello {
        /// The shop's name.
        shop: String,
        /// What keeps it from working well here.
        hurdles: Vec<Hurdle>,
    },
    /// To the leaders of a linked group: what the bot may do there changed.
    Hindered {
        /// What keeps it from working well here.
        hurdles: Vec<Hurdle>,
    },
    /// What was said for a while was not heard and cannot be had.
    Missed {
        /// From when.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// To the leaders: the bot may not speak unasked in their group, so this had to wait.
    Unsaid {
        /// How much of each kind.
        news: Vec<Waiting>,
    },
    /// The group is linked to a community now.
    Linked {
        /// The community's name.
        name: String,
        /// Its first leader.
        leader: String,
    },
    /// The group was not linked.
    LinkRefused {
        /// Why.
        why: LinkRefusal,
    },
    /// The group is linked to nothing any more.
    Unlinked {
        /// The community's name.
        name: String,
    },
    /// To somebody who followed a promoter's link to the bot: the way into the group.
    WayIn {
        /// The community's name.
        name: String,
        /// The link.
        link: String,
    },
    /// To somebody alone with the bot who is in several communities: which one is meant?
    WhichGroup {
        /// Their names.
        names: Vec<String>,
    },
    /// To somebody alone with the bot who is in no community.
    NoGroup {
        /// The shop's name.
        shop: String,
    },
    /// To somebody alone with the bot whom the platform calls otherwise there than in their group.
    NotRecognized {
        /// The shop's name.
        shop: String,
    },
    /// They ask more than they are answered: to be patient, once a minute.
    JustAMoment,
    /// Something went wrong; a person will look.
    Parked,
    /// To the leader: an event could not be handled.
    ParkedNotice {
        /// Whose message.
        name: Option<String>,
        /// Where to look it up.
        event: String,
    },
}

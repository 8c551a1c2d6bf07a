//! Reading for operators and their programs: members, orders, the ledger, offers, figures.
//!
//! Lists are `{"items": […], "next": "…" | null}`; `?cursor=` takes the `next` of the answer before,
//! `?limit=` is 100 and at most 500. Amounts are whole minor units with a `currency` beside them, times
//! carry the community's offset. A page costs a fixed number of queries, whatever its size.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};

use super::Site;
use super::asked::AddressQuery;
use super::problem::{Answer, Problem};
use crate::domain::orders::OrderState;
use crate::store::read::{self, CommunityPlace, Cursor, Page, ledger};
use crate::store::words::Stored;

/// Items of one answer, at most and usually.
const ITEMS: (u32, u32) = (500, 100);

/// Which part of a list, and which of its items.
#[derive(Deserialize)]
pub(super) struct WantedPart {
    limit: Option<u32>,
    cursor: Option<String>,
    member: Option<String>,
    state: Option<String>,
}

/// Part of a list.
#[derive(Serialize)]
pub(super) struct ListPart<T> {
    items: Vec<T>,
    next: Option<String>,
}

type ListAnswer<T> = Answer<Json<ListPart<T>>>;

impl WantedPart {
    fn page(&self) -> Answer<Page> {
        let (most, usual) = ITEMS;
        let wrong = || Problem::bad("`cursor` is not one that this list gave");
        let after = self.cursor.as_deref().filter(|cursor| !cursor.is_empty());
        let after = after.map(|cursor| Cursor::parse(cursor).ok_or_else(wrong)).transpose()?;
        Ok(Page { after, limit: self.limit.unwrap_or(usual).clamp(1, most) })
    }
}

fn part<T>(items: Vec<T>, next: Option<Cursor>) -> Json<ListPart<T>> {
    Json(ListPart { items, next: next.map(|cursor| cursor.to_string()) })
}

/// `GET /api/communities/{community}/members`, by number.
pub(super) async fn members(
    State(site): State<Site>,
    Path(slug): Path<String>,
    AddressQuery(wanted): AddressQuery<WantedPart>,
) -> ListAnswer<crate::store::people::read::MemberRow> {
    let place = place(&site, &slug).await?;
    let (items, next) =
        crate::store::people::read::list(&site.app.engine.db, &place, wanted.page()?).await?;
    Ok(part(items, next))
}

/// `GET /api/communities/{community}/orders`, newest first, of one `member` or in one `state`.
pub(super) async fn orders(
    State(site): State<Site>,
    Path(slug): Path<String>,
    AddressQuery(wanted): AddressQuery<WantedPart>,
) -> ListAnswer<crate::store::orders::read::OrderRow> {
    let engine = &site.app.engine;
    let place = place(&site, &slug).await?;
    let state = wanted.state.as_deref().map(order_state).transpose()?;
    let of = member(&site, &place, &wanted).await?;
    let filter = crate::store::orders::read::Filter { state, of };
    let (items, next) =
        crate::store::orders::read::list(&engine.db, &engine.seal, &place, filter, wanted.page()?)
            .await?;
    Ok(part(items, next))
}

fn order_state(word: &str) -> Answer<OrderState> {
    OrderState::from_word(word).map_err(|_| {
        let known: Vec<_> = OrderState::WORDS.iter().map(|(_, word)| *word).collect();
        Problem::bad(format!("`state` is one of {}", known.join(", ")))
    })
}

/// `GET /api/communities/{community}/ledger`, newest first, of all accounts or of one `member`.
pub(super) async fn ledger(
    State(site): State<Site>,
    Path(slug): Path<String>,
    AddressQuery(wanted): AddressQuery<WantedPart>,
) -> ListAnswer<ledger::EntryRow> {
    let place = place(&site, &slug).await?;
    let of = member(&site, &place, &wanted).await?;
    let (items, next) = ledger::list(&site.app.engine.db, &place, of, wanted.page()?).await?;
    Ok(part(items, next))
}

/// `GET /api/communities/{community}/offers`, newest first, in one `state`: open or closed.
pub(super) async fn offers(
    State(site): State<Site>,
    Path(slug): Path<String>,
    AddressQuery(wanted): AddressQuery<WantedPart>,
) -> ListAnswer<crate::store::catalog::read::OfferRow> {
    let place = place(&site, &slug).await?;
    let state = wanted.state.as_deref();
    if state.is_some_and(|state| !matches!(state, "open" | "closed")) {
        return Err(Problem::bad("`state` is open or closed"));
    }
    let (items, next) =
        crate::store::catalog::read::list(&site.app.engine.db, &place, state, wanted.page()?)
            .await?;
    Ok(part(items, next))
}

/// `GET /api/communities/{community}/stats`: today's figures, commission by state, stock by offer.
pub(super) async fn stats(
    State(site): State<Site>,
    Path(slug): Path<String>,
) -> Answer<Json<crate::store::reports::read::DayFigures>> {
    let place = place(&site, &slug).await?;
    let now = site.app.engine.clock.now();
    Ok(Json(crate::store::reports::read::of(&site.app.engine.db, &place, now).await?))
}

async fn place(site: &Site, slug: &str) -> Answer<CommunityPlace> {
    let linked = site.app.community(slug).await;
    let linked = linked.ok_or_else(|| Problem::missing("such community"))?;
    Ok(read::place(&site.app.engine.db, linked.lane, linked.community).await?)
}

/// The members that `?member=` names, by number, name or invitation code.
async fn member(
    site: &Site,
    place: &CommunityPlace,
    wanted: &WantedPart,
) -> Answer<Option<Vec<i64>>> {
    let Some(named) = &wanted.member else { return Ok(None) };
    let found = crate::store::people::read::named(&site.app.engine.db, place, named).await?;
    if found.is_empty() { Err(Problem::missing("such member")) } else { Ok(Some(found)) }
}

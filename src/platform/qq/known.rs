//! What was told before and is needed to understand what comes. In memory only, and bounded.

use std::collections::{HashMap, VecDeque};

use super::wire::{BotState, JoinRequest, QqMessage};
use crate::domain::event::Contact;
use crate::platform::names::{self, GroupNames};

/// Requests to join that are remembered; of more, the oldest are forgotten.
const REQUESTS_MAX: usize = 5_000;

/// Messages whose short ids are remembered; of more, the oldest are forgotten.
const QUOTABLE_MAX: usize = 5_000;

/// People whose own chats are remembered; beyond it they are learned anew.
const PEOPLE_MAX: usize = 20_000;

/// What was told before and is needed to understand what comes.
#[derive(Debug, Default)]
pub(super) struct ToldBefore {
    pub(super) names: GroupNames,
    /// Requests to join: group, member, inviter.
    requests: VecDeque<(String, String, Option<String>)>,
    /// Keys of messages by their short ids.
    quotable: VecDeque<(String, String)>,
    /// Members of groups by the id that they have everywhere.
    everywhere: HashMap<String, String>,
    /// The ids of members in their own chats with the bot.
    alone: HashMap<String, String>,
    /// What the bot may do in each group.
    states: HashMap<String, BotState>,
}

impl ToldBefore {
    /// A request to join: who asks, and who invited them.
    pub(super) fn note_request(&mut self, request: &JoinRequest) {
        let (group, member) = (&request.group_openid, &request.member_openid);
        let inviter = request
            .invited_by
            .clone()
            .filter(|by| request.apply_source == "invited" && !by.is_empty() && by != member);
        self.forget_request(group, member);
        while self.requests.len() >= REQUESTS_MAX {
            self.requests.pop_front();
        }
        self.requests.push_back((group.clone(), member.clone(), inviter));
        self.names.learn(group, &names::person(member, [request.username.as_deref()]));
    }

    /// Requests of a group that wait, as a list tells them. What was heard before stays as it is.
    pub(super) fn note_requests(&mut self, group: &str, requests: Vec<JoinRequest>) {
        for request in requests.into_iter().filter(|it| !it.bot && !it.member_openid.is_empty()) {
            if self.inviter(group, &request.member_openid).is_none() {
                self.note_request(&JoinRequest { group_openid: group.to_owned(), ..request });
            }
        }
    }

    /// Whoever asked has come, or asks anew.
    pub(super) fn forget_request(&mut self, group: &str, member: &str) {
        self.requests.retain(|(of, who, _)| of != group || who != member);
    }

    /// Who invited somebody, by their request to join.
    pub(super) fn inviter(&self, group: &str, member: &str) -> Option<&str> {
        let requests = self.requests.iter().find(|(of, who, _)| of == group && who == member);
        requests?.2.as_deref()
    }

    /// A member, with the id that they have everywhere.
    pub(super) fn learn(&mut self, group: &str, person: &Contact, union: Option<&str>) {
        self.names.learn(group, person);
        if let Some(union) = union.filter(|it| !it.is_empty()) {
            if self.everywhere.len() >= PEOPLE_MAX {
                self.everywhere.clear();
            }
            self.everywhere.insert(union.to_owned(), person.key.clone());
        }
    }

    /// A member's own chat with the bot.
    pub(super) fn own_chat(&self, member: &str) -> String {
        self.alone.get(member).cloned().unwrap_or_else(|| member.to_owned())
    }

    /// The member that somebody alone with the bot is, as far as the platform tells.
    pub(super) fn member_of(&mut self, user: &str, union: Option<&str>) -> String {
        let member = union.and_then(|it| self.everywhere.get(it)).cloned();
        let member = member.unwrap_or_else(|| user.to_owned());
        if self.alone.len() >= PEOPLE_MAX {
            self.alone.clear();
        }
        self.alone.insert(member.clone(), user.to_owned());
        member
    }

    pub(super) fn note_quotable(&mut self, idx: Option<&String>, key: &str) {
        let Some(idx) = idx.filter(|it| !it.is_empty()) else { return };
        while self.quotable.len() >= QUOTABLE_MAX {
            self.quotable.pop_front();
        }
        self.quotable.push_back((idx.clone(), key.to_owned()));
    }

    pub(super) fn quoted(&self, message: &QqMessage) -> Option<String> {
        let idx = message.msg_elements.as_ref()?.first()?.msg_idx.as_ref()?;
        let found = self.quotable.iter().rev().find(|(known, _)| known == idx);
        found.map(|(_, key)| key.clone())
    }

    /// What the bot may do in a group; `true` when that is new.
    pub(super) fn note_state(&mut self, group: &str, state: BotState) -> bool {
        self.states.insert(group.to_owned(), state.clone()) != Some(state)
    }

    pub(super) fn state(&self, group: &str) -> Option<&BotState> {
        self.states.get(group)
    }

    /// Its state is to be asked for again.
    pub(super) fn forget_state(&mut self, group: &str) {
        self.states.remove(group);
    }
}

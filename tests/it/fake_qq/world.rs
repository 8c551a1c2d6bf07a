//! What is sent, as strictly as the platform is known to be.

use serde_json::Value;

use super::{Sent, World};

/// Answers to one message of a group, and to one alone.
const GROUP_MOST: usize = 5;
const ALONE_MOST: usize = 4;

impl World {
    pub(super) fn send(
        &mut self,
        chat: &str,
        body: &Value,
        is_alone: bool,
    ) -> Result<String, (i64, &'static str)> {
        if !is_alone && !self.groups.contains_key(chat) {
            return Err((11_293, "not in the group"));
        }
        let answers = body["msg_id"].as_str().or(body["event_id"].as_str());
        if let Some(id) = answers {
            let number = body["msg_seq"].as_i64().unwrap_or(1);
            let known = self.answerable.get_mut(id).filter(|it| it.chat == chat);
            let known = known.ok_or((40_034_024, "请求参数msg_id无效或越权"))?;
            if known.numbers.contains(&number) {
                return Err((40_054_005, "消息被去重，请检查请求msgseq"));
            }
            let most = if is_alone { ALONE_MOST } else { GROUP_MOST };
            if known.numbers.len() >= most {
                return Err((40_034_024, "请求参数msg_id无效或越权"));
            }
            known.numbers.insert(number);
        } else if is_alone || !self.groups[chat].speaks_unasked {
            return Err((40_034_102, "主动消息失败, 无权限"));
        }
        let mut sent = self.read(chat, body)?;
        sent.answers = answers.map(str::to_owned);
        self.sent.push(sent);
        self.made += 1;
        Ok(format!("M{}", self.made))
    }

    fn read(&self, chat: &str, body: &Value) -> Result<Sent, (i64, &'static str)> {
        let content = body["content"].as_str();
        let (text, picture) = match body["msg_type"].as_i64() {
            Some(0) => (content.ok_or((304_001, "no content"))?.to_owned(), None),
            Some(2) => {
                let marked = body["markdown"]["content"].as_str().ok_or((304_001, "no text"))?;
                (marked.replace('\\', ""), None)
            }
            Some(7) => {
                let info = body["media"]["file_info"].as_str().ok_or((304_001, "no media"))?;
                let picture = self.uploads.get(info).ok_or((304_002, "no such file"))?;
                (content.unwrap_or_default().to_owned(), Some(picture.clone()))
            }
            _ => return Err((304_001, "no such kind")),
        };
        let rows = body["keyboard"]["content"]["rows"].as_array().cloned().unwrap_or_default();
        let buttons: Vec<_> = rows
            .iter()
            .flat_map(|row| row["buttons"].as_array().cloned().unwrap_or_default())
            .map(|it| it["action"]["data"].as_str().unwrap().to_owned())
            .collect();
        let (text, mentions) = self.named(chat, &text);
        Ok(Sent { chat: chat.to_owned(), text, picture, buttons, mentions, answers: None })
    }

    /// Mentions as names.
    fn named(&self, group: &str, text: &str) -> (String, usize) {
        let (mut named, mut rest, mut count) = (String::new(), text, 0);
        while let Some((before, after)) = rest.split_once("<qqbot-at-user id=\"") {
            let (id, after) = after.split_once("\" />").expect("a code has an end");
            let members = self.groups.get(group).map(|it| &it.members);
            let name = members.and_then(|it| it.get(id)).map_or(id, |(_, name)| name.as_str());
            named.extend([before, "@", name]);
            (rest, count) = (after, count + 1);
        }
        named.push_str(rest);
        (named, count)
    }
}

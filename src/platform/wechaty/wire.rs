//! Messages of the puppet service as Rust types: `puppet.proto` by hand, so that nobody who builds the
//! shop needs a compiler for it. Nothing here knows what the fields are good for.
//!
//! Types of messages and events are plain numbers: on the wire they are those of Wechaty's JavaScript
//! tables, which differ from the names that its protocol file gives them.

/// A method of the service: its path, and what is asked and answered there.
pub(super) trait Method {
    /// `/service/method`.
    const PATH: &'static str;
    /// What is asked.
    type Ask: prost::Message + 'static;
    /// What is answered.
    type Answer: prost::Message + Default + 'static;
}

macro_rules! methods {
    ($($name:ident($ask:ident) -> $answer:ident),+ $(,)?) => {$(
        pub(super) struct $name;

        impl Method for $name {
            const PATH: &'static str = concat!("/wechaty.Puppet/", stringify!($name));
            type Ask = $ask;
            type Answer = $answer;
        }
    )+};
}

methods! {
    Event(Empty) -> EventResponse,
    Start(Empty) -> Empty,
    MessagePayload(Id) -> MessagePayloadResponse,
    MessageSendText(MessageSendTextRequest) -> MessageSendResponse,
    MessageSendFile(MessageSendFileRequest) -> MessageSendResponse,
    ContactPayload(Id) -> ContactPayloadResponse,
    RoomPayload(Id) -> RoomPayloadResponse,
    RoomMemberPayload(RoomMemberPayloadRequest) -> RoomMemberPayloadResponse,
    RoomMemberList(Id) -> RoomMemberListResponse,
    RoomInvitationAccept(Id) -> Empty,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Empty {}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Id {
    #[prost(string, tag = "1")]
    pub(super) id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct EventResponse {
    #[prost(int32, tag = "1")]
    pub(super) r#type: i32,
    #[prost(string, tag = "2")]
    pub(super) payload: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MessagePayloadResponse {
    #[prost(string, tag = "1")]
    pub(super) id: String,
    #[prost(string, tag = "2")]
    pub(super) filename: String,
    #[prost(string, tag = "3")]
    pub(super) text: String,
    #[prost(int32, tag = "5")]
    pub(super) r#type: i32,
    #[prost(string, tag = "6")]
    pub(super) talker_id: String,
    #[prost(string, tag = "7")]
    pub(super) room_id: String,
    #[prost(string, tag = "8")]
    pub(super) listener_id: String,
    #[prost(string, repeated, tag = "9")]
    pub(super) mention_ids: Vec<String>,
    #[prost(message, optional, tag = "10")]
    pub(super) receive_time: Option<Timestamp>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Timestamp {
    #[prost(int64, tag = "1")]
    pub(super) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(super) nanos: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MessageSendTextRequest {
    #[prost(string, tag = "1")]
    pub(super) conversation_id: String,
    #[prost(string, tag = "2")]
    pub(super) text: String,
    #[prost(string, repeated, tag = "3")]
    pub(super) mentional_ids: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MessageSendFileRequest {
    #[prost(string, tag = "1")]
    pub(super) conversation_id: String,
    #[prost(string, tag = "2")]
    pub(super) file_box: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MessageSendResponse {
    #[prost(string, tag = "2")]
    pub(super) id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ContactPayloadResponse {
    #[prost(string, tag = "1")]
    pub(super) id: String,
    #[prost(int32, tag = "3")]
    pub(super) r#type: i32,
    #[prost(string, tag = "4")]
    pub(super) name: String,
    #[prost(bool, tag = "9")]
    pub(super) friend: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RoomPayloadResponse {
    #[prost(string, tag = "1")]
    pub(super) id: String,
    #[prost(string, tag = "2")]
    pub(super) topic: String,
    #[prost(string, tag = "4")]
    pub(super) owner_id: String,
    #[prost(string, repeated, tag = "5")]
    pub(super) admin_ids: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RoomMemberPayloadRequest {
    #[prost(string, tag = "1")]
    pub(super) id: String,
    #[prost(string, tag = "2")]
    pub(super) member_id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RoomMemberPayloadResponse {
    #[prost(string, tag = "1")]
    pub(super) id: String,
    #[prost(string, tag = "2")]
    pub(super) room_alias: String,
    #[prost(string, tag = "5")]
    pub(super) name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RoomMemberListResponse {
    #[prost(string, repeated, tag = "1")]
    pub(super) member_ids: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message;
    use std::collections::BTreeSet;

    const PROTO: &str = include_str!("puppet.proto");
    const OURS: &str = include_str!("wire.rs");

    /// `message.field type number`, from the protocol file.
    fn written() -> BTreeSet<String> {
        let (mut found, mut message) = (BTreeSet::new(), "");
        for line in PROTO.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("message ") {
                message = name.trim_end_matches(['{', '}', ' ']);
                found.insert(message.to_owned());
            } else if let Some((left, number)) = line.trim_end_matches(';').split_once(" = ")
                && let Some((kind, field)) = left.rsplit_once(' ')
            {
                found.insert(format!("{message}.{field} {kind} {number}"));
            }
        }
        found.remove(".syntax");
        found.into_iter().filter(|it| !it.contains("proto3")).collect()
    }

    /// The same from the types above.
    fn declared() -> BTreeSet<String> {
        let (mut found, mut message, mut kind) = (BTreeSet::new(), "", String::new());
        let code = OURS.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().map(str::trim).skip_while(|line| !line.starts_with("#[derive")) {
            if let Some(name) = line.strip_prefix("pub(super) struct ") {
                message = name.trim_end_matches(['{', '}', ' ']);
                found.insert(message.to_owned());
            } else if let Some(attribute) = line.strip_prefix("#[prost(") {
                kind = attribute.trim_end_matches(")]").to_owned();
            } else if let Some((field, rust)) =
                line.strip_prefix("pub(super) ").and_then(|it| it.split_once(": "))
            {
                let (form, number) = kind.split_once(", tag = ").unwrap();
                let form = match form.split_once(", ") {
                    Some((of, "repeated")) => format!("repeated {of}"),
                    Some((_, "optional")) => {
                        rust.trim_start_matches("Option<").trim_end_matches(">,").to_owned()
                    }
                    _ => form.to_owned(),
                };
                let field = field.trim_start_matches("r#");
                found.insert(format!("{message}.{field} {form} {}", number.trim_matches('"')));
            }
        }
        found
    }

    #[test]
    fn the_types_are_those_of_the_protocol_file() {
        assert_eq!(declared(), written());
        for line in PROTO.lines().filter_map(|line| line.trim().strip_prefix("rpc ")) {
            let ours = line.replace(" returns (stream ", " -> ").replace(" returns (", " -> ");
            let ours = ours.trim_end_matches(");");
            assert!(OURS.contains(&format!("    {ours},\n")), "{ours}");
        }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let pair = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(pair).collect()
    }

    fn s(text: &str) -> String {
        text.to_owned()
    }

    /// Bytes that Wechaty's own library (wechaty-grpc 1.5.2 on Node) wrote for the same values.
    #[test]
    fn the_bytes_are_those_of_the_original() {
        let ask = MessageSendTextRequest {
            conversation_id: s("r@"),
            text: s("hi"),
            mentional_ids: vec![s("a")],
        };
        assert_eq!(ask.encode_to_vec(), bytes("0a027240120268691a0161"));
        let ask = MessageSendFileRequest { conversation_id: s("r@"), file_box: s("{}") };
        assert_eq!(ask.encode_to_vec(), bytes("0a02724012027b7d"));
        let ask = RoomMemberPayloadRequest { id: s("r@"), member_id: s("t") };
        assert_eq!(ask.encode_to_vec(), bytes("0a027240120174"));
        assert_eq!(Id { id: s("i") }.encode_to_vec(), bytes("0a0169"));
    }

    /// The same the other way, with fields that are not ours among them.
    #[test]
    fn what_the_original_writes_is_read() {
        let message = "0a026d311201661a06e4bda0e5a5bd200728073201743a02724042016c4a01614a0162520b0898a9e6a40610c096b102";
        let message = MessagePayloadResponse::decode(&*bytes(message)).unwrap();
        assert_eq!((message.id.as_str(), message.text.as_str(), message.r#type), ("m1", "你好", 7));
        assert_eq!((message.talker_id.as_str(), message.room_id.as_str()), ("t", "r@"));
        assert_eq!(
            (message.listener_id.as_str(), message.mention_ids),
            ("l", vec![s("a"), s("b")])
        );
        let at = Timestamp { seconds: 1_687_786_648, nanos: 5_000_000 };
        assert_eq!(message.receive_time, Some(at));
        let sent = MessageSendResponse::decode(&*bytes("120178")).unwrap();
        assert_eq!(sent.id, "x");
        let event = "081912127b22636f6e746163744964223a226d65227d";
        let event = EventResponse::decode(&*bytes(event)).unwrap();
        assert_eq!((event.r#type, event.payload.as_str()), (25, r#"{"contactId":"me"}"#));
        let member = "0a01741202616c1a02696e220261762a026e6d";
        let member = RoomMemberPayloadResponse::decode(&*bytes(member)).unwrap();
        assert_eq!((member.room_alias.as_str(), member.name.as_str()), ("al", "nm"));
        let contact = "0a01741001180222026e6d3a0261734801";
        let contact = ContactPayloadResponse::decode(&*bytes(contact)).unwrap();
        assert_eq!((contact.r#type, contact.name.as_str(), contact.friend), (2, "nm", true));
        let room =
            RoomPayloadResponse::decode(&*bytes("0a0272401202747022016f2a0161320174")).unwrap();
        assert_eq!((room.topic.as_str(), room.owner_id.as_str()), ("tp", "o"));
        assert_eq!(room.admin_ids, [s("a")]);
        let list = RoomMemberListResponse::decode(&*bytes("0a01610a0162")).unwrap();
        assert_eq!(list.member_ids, [s("a"), s("b")]);
    }
}

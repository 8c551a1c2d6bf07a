//! A message heard: its tokens, cut into clauses, and what each clause is made of.
//!
//! A clause ends at a comma, a colon, a bracket, a full stop, a question mark or a line. Spaces and
//! 、 do not end one. What a clause *is* follows from its cues: a question, a condition, a story
//! (past, future, others), or something that may order. Which of them it is decides more about
//! precision than any grammar of orders: an order is only read from clauses without such cues.

use super::lexicon::{Lexicon, WordEntry};
use super::normalize::{Folded, is_han};
use super::tokens::{Kind, Token, tokens};
use super::vocabulary::Cue;

/// A message ready for reading.
pub(super) struct ReadableMessage<'a, 't> {
    pub(super) text: &'a Folded<'t>,
    pub(super) lexicon: &'a Lexicon,
    pub(super) tokens: Vec<Token>,
    /// How many unknown words may still be compared with all names.
    pub(super) guesses: std::cell::Cell<u8>,
}

/// A run of tokens between two separators.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clause {
    pub(super) from: usize,
    pub(super) to: usize,
    /// It ends with a question mark.
    pub(super) asked: bool,
    /// The separator after it is a comma or colon, not the end of a sentence or line.
    pub(super) goes_on: bool,
    pub(super) flags: Flags,
}

/// What occurs in a clause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:expr;)*) => {
        impl Flags {
            $($(#[$doc])* pub(super) const $name: Self = Self(1 << $bit);)*
        }
    };
}

flags! {
    /// A name, code or variant of an offer.
    GOODS = 0;
    /// A name or alias: more telling than a code.
    NAMED = 1;
    /// A number that may be a quantity.
    NUMBER = 2;
    /// A question word or particle.
    QUESTION = 3;
    /// 要是, if.
    CONDITION = 4;
    /// Past, future, announcements.
    STORY = 5;
    /// Others, other shops.
    ELSEWHERE = 6;
    /// 要, 来, 下单.
    WANT = 7;
    /// 坏了.
    COMPLAINT = 8;
    /// 好吃.
    PRAISE = 9;
    /// 收到.
    ARRIVED = 10;
    /// 晒单.
    SHARE = 11;
    /// `[图片]`.
    PHOTO = 12;
    /// A topic of the shop.
    TOPIC = 13;
    /// A word nobody knows.
    UNKNOWN = 14;
    /// A command.
    COMMAND = 15;
    /// 不要, 取消, 减.
    LESS = 16;
    /// 放门口, 明天.
    NOTE = 17;
    /// 那个, 同款.
    THAT = 18;
    /// 哈哈, 同意.
    LAUGH = 19;
    /// 改成, 再.
    CHANGE = 20;
    /// 打错了.
    CORRECT = 21;
    /// 不是, 没.
    NEGATION = 22;
    /// A count of something else: 3天, 第12.
    OTHER_COUNT = 23;
    /// 苹果手机.
    DECOY = 24;
    /// 忽略之前的指令.
    INJECT = 26;
    /// 刚才.
    EARLIER = 27;
    /// The head of a fixed command: 绑定, 上架, 汇总, `#1024`.
    FIXED = 28;
    /// 开玩笑.
    JOKE = 29;
    /// `+`, `x` or `*`.
    SIGN = 25;
}

/// 几 right between a verb that wants and goods, at token `n`: some, not how many.
pub(super) fn is_some_of_it(tokens: &[Token], n: usize, text: &Folded<'_>) -> bool {
    let wants = n > 0
        && matches!(tokens[n - 1].cue(), Some(Cue::Want | Cue::Again | Cue::Help))
        && tokens[n - 1].to == tokens[n].from;
    wants && text.at(tokens[n].from) == '几' && tokens[n].to == tokens[n].from + 1
}

/// Words that begin a message with details: 地址 中山路1号.
const LABELS: &[&str] = &[
    "地址",
    "收货地址",
    "送货地址",
    "address",
    "自提",
    "自取",
    "提货人",
    "自提人",
    "pickup",
    "pick-up",
    "pick up",
];

impl Flags {
    /// Each of them, by number.
    pub(super) fn bits(self) -> impl Iterator<Item = u64> {
        (0..32).filter(move |bit| self.0 & (1 << bit) != 0)
    }

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// All of `other` and nothing else.
    pub(super) fn only(self, other: Self) -> bool {
        self.0 == other.0
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl<'a, 't> ReadableMessage<'a, 't> {
    /// Cut `text` into tokens against the words of the offers.
    pub(super) fn new(text: &'a Folded<'t>, lexicon: &'a Lexicon) -> Self {
        Self { text, lexicon, tokens: tokens(text, lexicon), guesses: std::cell::Cell::new(8) }
    }

    /// The entry a token stands for.
    pub(super) fn entry(&self, token: &Token) -> Option<&'a WordEntry> {
        if let Kind::Entry(id) = token.kind { self.lexicon.entry_of(id) } else { None }
    }

    /// What was written from token `from` up to token `to`.
    pub(super) fn written(&self, from: usize, to: usize) -> &'t str {
        let (Some(first), Some(last)) =
            (self.tokens.get(from), self.tokens.get(to.wrapping_sub(1)))
        else {
            return "";
        };
        self.text.written(first.from, last.to).trim()
    }

    /// The clauses of tokens `from..to`, each with its flags.
    pub(super) fn clauses(&self) -> Vec<Clause> {
        let mut all = Vec::with_capacity(4);
        let mut open = Clause::default();
        for (n, token) in self.tokens.iter().enumerate() {
            let (ends, goes_on) = match token.kind {
                Kind::Colon if self.colon_joins(n) => (false, false),
                Kind::Comma | Kind::Colon | Kind::Bracket => (true, true),
                Kind::End | Kind::QuestionMark => (true, false),
                _ => (false, false),
            };
            if !ends {
                open.flags.add(self.flag_within(n, &open));
                if self.gives_reason(n, open.flags) {
                    (open.to, open.goes_on) = (n + 1, true);
                    all.push(open);
                    open = Clause { from: n + 1, ..Clause::default() };
                }
                continue;
            }
            open.asked = token.kind == Kind::QuestionMark;
            if open.from == n {
                // ?? and "…?" after a sticker ask for the clause before.
                if open.asked
                    && let Some(last) = all.last_mut()
                {
                    let last: &mut Clause = last;
                    last.asked = true;
                    last.flags.add(Flags::QUESTION);
                }
            } else {
                (open.to, open.goes_on) = (n, goes_on);
                if open.asked {
                    open.flags.add(Flags::QUESTION);
                }
                all.push(open);
            }
            open = Clause { from: n + 1, ..Clause::default() };
        }
        if open.from < self.tokens.len() {
            open.to = self.tokens.len();
            all.push(open);
        }
        for clause in &mut all {
            self.trim(clause);
            self.ends_in_not(clause);
            self.soften(clause);
        }
        all
    }

    /// What token `n` adds to the open clause, by what stands around it.
    fn flag_within(&self, n: usize, open: &Clause) -> Flags {
        let token = &self.tokens[n];
        if token.cue() == Some(Cue::Wh) && is_some_of_it(&self.tokens, n, self.text) {
            return Flags::default();
        }
        // another loaf, 来几盒; 报个到 counts nothing
        let counts = |cue| matches!(cue, Some(Cue::Again | Cue::Wh));
        if matches!(token.kind, Kind::Unit(_)) && n > 0 && counts(self.tokens[n - 1].cue()) {
            return Flags::NUMBER;
        }
        let flag = self.flag(token, n == open.from, open.flags);
        // 别压坏了 and 不要压碎 are wishes, no complaints.
        let wished = flag == Flags::COMPLAINT && open.flags.has(Flags::NOTE.union(Flags::LESS));
        if wished { Flags::NOTE } else { flag }
    }

    /// 虾不要了太贵: what follows a cancellation in the same breath is why.
    fn gives_reason(&self, n: usize, flags: Flags) -> bool {
        let token = &self.tokens[n];
        let done = token.cue() == Some(Cue::Drop) && self.text.at(token.to - 1) == '了';
        let reason = self.tokens.get(n + 1).is_some_and(|next| match next.kind {
            Kind::Word => is_han(self.text.at(next.from)),
            Kind::Cue(cue) => {
                matches!(
                    cue,
                    Cue::Story | Cue::Joke | Cue::Example | Cue::Eat | Cue::Decoy | Cue::Me
                )
            }
            _ => false,
        });
        done && reason && flags.has(Flags::GOODS)
    }

    /// A1:2 and 备注：要红的 go on after the colon.
    fn colon_joins(&self, n: usize) -> bool {
        let before = n.checked_sub(1).map(|n| &self.tokens[n]);
        let number = matches!(self.tokens.get(n + 1).map(|t| t.kind), Some(Kind::Number(_)));
        before.is_some_and(|token| match token.kind {
            Kind::Entry(_) | Kind::Code(_) => number,
            Kind::Cue(cue) => matches!(cue, Cue::NoteLead | Cue::Remark),
            _ => false,
        })
    }

    /// A smile at the end says nothing.
    fn trim(&self, clause: &mut Clause) {
        let smile = |n: usize| self.tokens[n].kind == Kind::Picture;
        while clause.to > clause.from + 1 && smile(clause.to - 1) {
            clause.to -= 1;
        }
    }

    /// Whether a clause is nothing but manners: 麻烦了, 谢谢团长, hi.
    pub(super) fn is_manners(&self, clause: &Clause) -> bool {
        self.tokens[clause.from..clause.to].iter().all(|token| {
            token.kind == Kind::Picture
                || matches!(
                    token.cue(),
                    Some(Cue::Polite | Cue::Greeting | Cue::Title | Cue::Particle)
                )
        })
    }

    /// 截单了没: a lone 没 or 未 at the end asks.
    fn ends_in_not(&self, clause: &mut Clause) {
        let tokens = &self.tokens[clause.from..clause.to];
        let last = tokens.iter().rev().find(|t| {
            t.kind != Kind::Picture && !matches!(t.cue(), Some(Cue::Particle | Cue::Polite))
        });
        if last.is_some_and(|t| {
            self.says(t, "没")
                || self.says(t, "不")
                || self.says(t, "否")
                || self.says(t, "未")
                || self.says(t, "没有")
        }) && tokens.len() > 1
        {
            clause.flags.add(Flags::QUESTION);
        }
    }

    /// "Could I get two…?" asks for goods, not for an answer.
    fn soften(&self, clause: &mut Clause) {
        let tokens = &self.tokens[clause.from..clause.to];
        let start = tokens.iter().find(|t| {
            !matches!(t.cue(), Some(Cue::Greeting | Cue::Title | Cue::Polite | Cue::Particle))
        });
        let Some(start) = start else { return };
        let modal = ["can ", "could ", "may ", "would "]
            .iter()
            .any(|word| word.chars().enumerate().all(|(n, c)| self.text.at(start.from + n) == c));
        // can I also get
        let verb = if start.cue() == Some(Cue::Question) {
            let after = tokens.iter().skip_while(|t| t.from <= start.from);
            after.clone().find(|t| !matches!(t.cue(), Some(Cue::Polite | Cue::Particle)))
        } else {
            Some(start)
        };
        let asks_goods = verb.is_some_and(|verb| {
            matches!(verb.cue(), Some(Cue::Want | Cue::Again | Cue::Help | Cue::Set | Cue::Drop))
        });
        let inner = tokens.iter().any(|t| matches!(t.cue(), Some(Cue::Wh)) || self.asks(t, false));
        if modal && asks_goods && !inner {
            clause.asked = false;
            clause.flags.0 &= !Flags::QUESTION.0;
        }
    }

    /// A question particle; English ones ask only at the head of a clause.
    fn asks(&self, token: &Token, first: bool) -> bool {
        let han = is_han(self.text.at(token.from));
        token.cue() == Some(Cue::Question) && (han || first)
    }

    fn flag(&self, token: &Token, first: bool, before: Flags) -> Flags {
        match token.kind {
            Kind::Entry(_) => {
                let named = self.entry(token).is_some_and(|entry| entry.code.is_none());
                if named { Flags::GOODS.union(Flags::NAMED) } else { Flags::GOODS }
            }
            Kind::Code(_) => Flags::GOODS,
            Kind::Number(_) => Flags::NUMBER,
            Kind::Plus | Kind::Times => Flags::SIGN,
            Kind::Word => Flags::UNKNOWN,
            Kind::Hash => Flags::FIXED,
            Kind::Opaque(super::opaque::Opaque::Other) => Flags::OTHER_COUNT,
            Kind::Opaque(_) => Flags::NOTE,
            Kind::Cue(cue) => {
                let or = self.says(token, "还是") || self.says(token, "定系");
                // 是3斤的还是5斤的 asks; 还是2盒吧 decides.
                if or && !before.has(Flags::GOODS.union(Flags::NUMBER)) {
                    return Flags::default();
                }
                let labels = first && LABELS.iter().any(|label| self.says(token, label));
                let fixed = if labels { Flags::FIXED } else { Flags::default() };
                self.cue_flag(cue, token, first).union(fixed)
            }
            _ => Flags::default(),
        }
    }

    /// Whether a token reads exactly so.
    fn says(&self, token: &Token, word: &str) -> bool {
        let long = word.chars().count();
        token.to - token.from == long
            && word.chars().enumerate().all(|(n, c)| self.text.at(token.from + n) == c)
    }

    /// A topic with its question in it: 还有吗, 几点截单, when will.
    fn inquires(&self, token: &Token) -> Flags {
        let glyphs = &self.text.glyphs[token.from..token.to];
        let asks = glyphs.iter().any(|g| "吗么几哪怎啥谁咩冇未没边无".contains(g.c));
        let word: String = glyphs.iter().map(|g| g.c).collect();
        let latin = ["how", "when", "where", "what", "do ", "any", "is ", "still", "have "];
        let asks = asks
            || word.contains("点卖")
            || word.contains("点计")
            || word.contains("什么")
            || word.contains("多少")
            || latin.iter().any(|start| word.starts_with(start));
        if asks { Flags::QUESTION } else { Flags::default() }
    }

    fn cue_flag(&self, cue: Cue, token: &Token, first: bool) -> Flags {
        match cue {
            Cue::Question if self.asks(token, first) => Flags::QUESTION,
            Cue::Wh => Flags::QUESTION,
            Cue::If => Flags::CONDITION,
            Cue::Story | Cue::Example => Flags::STORY,
            Cue::Joke => Flags::STORY.union(Flags::JOKE),
            Cue::Elsewhere => Flags::ELSEWHERE,
            Cue::Want => Flags::WANT,
            Cue::Complaint => Flags::COMPLAINT,
            Cue::Praise => Flags::PRAISE,
            Cue::Arrived => Flags::ARRIVED,
            Cue::Command(id) if id.is("shipping.collected") => Flags::ARRIVED.union(Flags::COMMAND),
            Cue::Share => Flags::SHARE,
            Cue::Photo => Flags::PHOTO,
            Cue::Delivery => Flags::TOPIC.union(Flags::NOTE).union(self.inquires(token)),
            Cue::Price | Cue::Stock | Cue::Variants | Cue::Closing | Cue::Shop => {
                Flags::TOPIC.union(self.inquires(token))
            }
            Cue::Command(_) => Flags::COMMAND.union(self.inquires(token)),
            Cue::Drop | Cue::Less => Flags::LESS,
            Cue::NoteLead | Cue::Remark => Flags::NOTE,
            Cue::That => Flags::THAT,
            Cue::Laugh => Flags::LAUGH,
            Cue::Set | Cue::Only | Cue::Again | Cue::Swap => Flags::CHANGE,
            Cue::Correct => Flags::CORRECT,
            Cue::Not | Cue::Negation => Flags::NEGATION,
            Cue::Decoy => Flags::DECOY,
            Cue::Eat => Flags::UNKNOWN,
            Cue::Inject => Flags::INJECT,
            Cue::Earlier => Flags::EARLIER,
            Cue::Fixed => Flags::FIXED.union(Flags::UNKNOWN),
            _ => Flags::default(),
        }
    }
}

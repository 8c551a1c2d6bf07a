//! Which member is meant (哪一位), where several names look like the one that was typed: the speaker is asked
//! with what tells people apart, and picks a number. Nothing else is done meanwhile.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::event::Contact;
use crate::domain::intent::{MAX_CHOICES, Question, Understood, Why};
use crate::domain::person::Person;
use crate::domain::reply::{ChoiceView, Reply};

use crate::decide::ask;
use crate::decide::orders::mine;

/// Ask the speaker whom they mean. Each choice is what they said, with one of the members in the place of
/// the name.
///
/// # Errors
/// Missing facts; nobody to ask.
pub fn ask_which(ctx: &mut Ctx<'_>, said: &Understood, name: &str) -> Decided {
    let mut choices = Vec::new();
    let mut views = Vec::new();
    for member in ctx.bearers(name)?.into_iter().take(MAX_CHOICES) {
        let last_order = mine::recent(ctx, member)?.first().copied();
        let row = ctx.member_row(member)?;
        let person = Person::Mentioned(Contact { key: row.key.clone(), name: row.name.clone() });
        let (name_shown, joined_at) = (row.name.clone(), row.joined_at);
        choices.push(said.intent.clone().meaning(name, &person));
        views.push(ChoiceView::Member { name: name_shown, joined_at, last_order });
    }
    let question = Question::of(Why::WhichMember, choices);
    let reply =
        Reply::Asked { why: question.why, choices: views, name: Some(name.to_owned()), unit: None };
    ask::put(ctx, &question, said, reply)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{AMING, Stage, XIAOMEI, load_member};
    use crate::domain::ids::MemberId;
    use crate::domain::intent::{Intent, LeaderIntent, Role};
    use crate::domain::people;

    #[test]
    fn a_name_that_two_look_like_is_asked_back_and_the_number_decides() {
        let mut stage = Stage::new();
        load_member(&mut stage.shop, MemberId(4), "小\u{a0}美", Role::Member);
        let makes = |name: Person| {
            Intent::Lead(LeaderIntent::People(people::Lead::Leader { name, add: true }))
        };
        let said = stage.does(AMING, makes(Person::from("小美")));
        let [Reply::Asked { why: Why::WhichMember, choices, .. }] = &said[..] else {
            panic!("{said:?}")
        };
        assert_eq!(choices.len(), 2);
        let roles = |stage: &Stage| {
            [XIAOMEI, MemberId(4)].map(|id| stage.shop.members.get(id).unwrap().role)
        };
        assert_eq!(roles(&stage), [Role::Member; 2]);
        let pending = stage.shop.members.get(AMING).unwrap().question.clone().unwrap();
        stage.does(AMING, pending.question.choices[1].clone());
        assert_eq!(roles(&stage), [Role::Member, Role::Leader]);
    }
}

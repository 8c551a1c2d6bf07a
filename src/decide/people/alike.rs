//! Look-alikes (仿名): somebody comes, or calls themselves anew, by a name that looks like a member's, a
//! leader's or the bot's. They may; leaders are told once, for a name is how people are fooled.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::event::Contact;
use crate::domain::ids::MemberId;
use crate::domain::intent::Role;
use crate::domain::name::{look_alike, name_key};
use crate::domain::people;
use crate::domain::reply::{Likeness, Reply};

/// Make sure that it is known whom these people look like, if any of them is new or bears a new name.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn require<'p>(ctx: &Ctx<'_>, people: impl IntoIterator<Item = &'p Contact>) -> Decided {
    let account = ctx.shop.community.account;
    for person in people {
        let member = ctx.shop.member_by_key(account, &person.key)?;
        let row = member.map(|id| ctx.member_row(id)).transpose()?;
        if row.is_none_or(|row| !look_alike(&row.name, &person.name)) {
            ctx.bearers(&person.name)?;
        }
    }
    Ok(())
}

/// Tell the leaders whom a member looks like, who has just come or been renamed.
pub fn tell(ctx: &mut Ctx<'_>, member: MemberId) {
    let Some(row) = ctx.shop.members.get(member) else { return };
    let (name, key) = (row.name.clone(), name_key(&row.name));
    let is_bot = ctx.shop.bot_name.as_ref().is_some_and(|bot| name_key(bot) == key);
    let bearers = ctx.shop.known.names.get(&key).into_iter().flatten();
    let others = bearers.filter(|&&id| id != member).filter_map(|&id| ctx.shop.members.get(id));
    let present: Vec<_> = others.filter(|row| row.present).collect();
    let leads = present.iter().find(|row| row.role >= Role::Leader);
    let (likeness, other) = match (is_bot, leads, present.first()) {
        (true, ..) => (Likeness::Bot, None),
        (false, Some(row), _) => (Likeness::Leader, Some(row.name.clone())),
        (false, None, Some(row)) => (Likeness::Member, Some(row.name.clone())),
        (false, None, None) => return,
    };
    ctx.tell_leaders(&Reply::People(people::Reply::LookAlike { name, likeness, other }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::Stage;
    use crate::domain::event::{Body, Evidence};

    fn person(key: &str, name: &str) -> Contact {
        Contact { key: key.to_owned(), name: name.to_owned() }
    }

    fn told(stage: &mut Stage, body: Body) -> Vec<(Likeness, Option<String>)> {
        let said = stage.happens(body);
        let alike = said.into_iter().filter_map(|reply| match reply {
            Reply::People(people::Reply::LookAlike { likeness, other, .. }) => {
                Some((likeness, other))
            }
            _ => None,
        });
        alike.collect()
    }

    fn joins(stage: &mut Stage, key: &str, name: &str) -> Vec<(Likeness, Option<String>)> {
        let (members, evidence) = (vec![person(key, name)], Evidence::JoinEvent);
        told(stage, Body::Joined { members, inviter: None, evidence })
    }

    #[test]
    fn leaders_are_told_once_of_whoever_looks_like_somebody() {
        let mut stage = Stage::new();
        stage.shop.bot_name = Some("团团".to_owned());
        let other = |name: &str| Some(name.to_owned());
        assert_eq!(joins(&mut stage, "n1", "小\u{ad}美"), [(Likeness::Member, other("小美"))]);
        assert_eq!(joins(&mut stage, "n1", "小\u{ad}美"), []);
        assert_eq!(joins(&mut stage, "n2", "阿 明"), [(Likeness::Leader, other("阿明"))]);
        assert_eq!(joins(&mut stage, "n3", "团 团"), [(Likeness::Bot, None)]);
        assert_eq!(joins(&mut stage, "n4", "阿珍"), []);
        // Renamed: seen when they come again.
        assert_eq!(joins(&mut stage, "n4", "老王"), [(Likeness::Member, other("老王"))]);
        assert_eq!(joins(&mut stage, "n4", "老王"), []);
    }
}

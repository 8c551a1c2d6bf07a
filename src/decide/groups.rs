//! Groups (社群): how a chat is linked, and how to talk to the shop.

pub mod facts;
pub mod linking;

use crate::book::Needs;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::groups::{self, Intent};
use crate::domain::reply::Reply;
use crate::understand::commands;

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Help => {
            help(ctx);
            Ok(())
        }
        // Reception links a chat before its community is known.
        Intent::Link { .. } => Ok(()),
        Intent::AskShop(topic) => {
            facts::ask(ctx, *topic);
            Ok(())
        }
        Intent::AskFact(place) => {
            facts::tell(ctx, usize::from(*place));
            Ok(())
        }
    }
}

/// What that takes.
#[must_use]
pub fn needs(intent: &Intent) -> Needs {
    match intent {
        Intent::Help | Intent::Link { .. } | Intent::AskShop(_) | Intent::AskFact(_) => {
            Needs::new()
        }
    }
}

/// How to talk to the shop; leaders see their part as well.
fn help(ctx: &mut Ctx<'_>) {
    ctx.record("help", None, None);
    let leaders = commands::more_help(ctx.role);
    ctx.say(Reply::Groups(groups::Reply::Help { rooms: commands::help(), leaders }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{AMING, Stage, XIAOMEI};
    use crate::domain::intent;

    #[test]
    fn leaders_get_more_help() {
        let mut stage = Stage::new();
        for (who, is_leader) in [(XIAOMEI, false), (AMING, true)] {
            let said = stage.does(who, intent::Intent::Groups(Intent::Help));
            let [Reply::Groups(groups::Reply::Help { rooms, leaders })] = &said[..] else {
                panic!("{said:?}")
            };
            assert_eq!(!leaders.is_empty(), is_leader);
            assert!(rooms.iter().any(|room| room.room == "orders"));
        }
    }
}

"""The application side of OneBot v11, spoken by aiocqhttp: a server that our own fake connects to, so that
what the adapter is tested against is what others understand.

Tells each event it hears, one JSON a line, and answers "go" in a group with calls of its own.

    application.py PORT TOKEN
"""

import json
import sys

from aiocqhttp import ActionFailed, CQHttp, Event, Message, MessageSegment

bot = CQHttp(access_token=sys.argv[2], message_class=Message)


def tell(**what):
    print(json.dumps(what, ensure_ascii=False, default=str), flush=True)


@bot.on_message
async def hear(event: Event):
    text = event.message.extract_plain_text() if isinstance(event.message, Message) else str(event.message)
    tell(heard=event.name, text=text, user=event.user_id, card=event.sender.get("card"))
    if text == "go":
        await call(event.group_id, event.user_id)


async def call(group, user):
    tell(login=await bot.get_login_info())
    tell(members=await bot.get_group_member_list(group_id=group))
    tell(member=await bot.get_group_member_info(group_id=group, user_id=user, no_cache=True))
    words = [MessageSegment.at(user), MessageSegment.text(" 好"), MessageSegment.image("base64://iVBORw0KGgo=")]
    sent = await bot.send_group_msg(group_id=group, message=[dict(it) for it in words])
    tell(sent=sent)
    await bot.delete_msg(message_id=sent["message_id"])
    try:
        await bot.send_group_msg(group_id=1, message=[dict(MessageSegment.text("x"))])
    except ActionFailed as error:
        tell(refused=str(error))


@bot.on_notice
async def notice(event: Event):
    tell(heard=event.name, user=event.user_id, operator=event.get("operator_id"))


@bot.on_meta_event
async def meta(event: Event):
    tell(heard=event.name, me=event.self_id)


bot.run(host="127.0.0.1", port=int(sys.argv[1]))

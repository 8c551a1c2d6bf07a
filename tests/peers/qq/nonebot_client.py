"""QQ's official bot interface as nonebot-adapter-qq understands it: connects to our own fake, so that what the
adapter is tested against is what others understand.

Tells each event it hears, one JSON a line, and answers "go" in a group with calls of its own.

    nonebot_client.py URL APP_ID SECRET
"""

import base64
import json
import sys

import nonebot
from nonebot.adapters.qq import Adapter, Bot, Message, MessageSegment
from nonebot.adapters.qq import event as events
from nonebot.adapters.qq.exception import ActionFailed
from nonebot.message import event_preprocessor

URL, APP_ID, SECRET = sys.argv[1:4]
PICTURE = base64.b64decode("iVBORw0KGgo=")


def tell(**what):
    print(json.dumps(what, ensure_ascii=False, default=str), flush=True)


intents = {"c2c_group_at_messages": True, "group_members": True, "interaction": True}
nonebot.init(
    driver="~aiohttp",
    log_level="CRITICAL",
    qq_api_base=URL + "/",
    qq_auth_base=URL + "/app/getAppAccessToken",
    qq_bots=[{"id": APP_ID, "secret": SECRET, "intent": intents}],
)
nonebot.get_driver().register_adapter(Adapter)


@event_preprocessor
async def hear(bot: Bot, event: events.Event):
    name = type(event).__name__
    if isinstance(event, events.GroupMessageCreateEvent):
        tell(heard=name, text=event.content, who=event.author.username, to_me=event.to_me)
        if event.content == "go" and name == "GroupMessageCreateEvent":
            await call(bot, event)
    elif isinstance(event, events.GroupJoinRequestEvent):
        tell(heard=name, invited_by=event.invited_by, request=event.member_openid)
    elif isinstance(event, events.InteractionCreateEvent):
        tell(heard=name, button=event.data.resolved.button_data)
        await bot.put_interaction(interaction_id=event.id, code=0)
    else:
        tell(heard=name, **({"session": event.session_id} if isinstance(event, events.ReadyEvent) else {}))


async def call(bot: Bot, event):
    group, me = event.group_openid, event.author.member_openid
    state = await bot.get_group_bot_state(group_id=group)
    tell(state=[state.allow_proactive_msg, state.recv_msg_setting])
    page, people = await bot.get_group_members(group_openid=group), []
    while True:
        people += [it.username for it in page.members if not it.bot]
        if not page.next_cursor:
            break
        page = await bot.get_group_members(group_openid=group, cursor=page.next_cursor)
    tell(members=people)
    tell(member=(await bot.get_group_member(group_openid=group, member_openid=me)).member_role)
    tell(info=(await bot.get_group_info(group_id=group)).group_member_num)
    asked = (await bot.get_group_join_request_list(group_id=group)).list
    tell(requests=[it.invited_by for it in asked])
    sent = await bot.send_to_group(group, "好", msg_id=event.id, msg_seq=1)
    tell(sent=sent.id)
    try:
        await bot.send_to_group(group, "好", msg_id=event.id, msg_seq=1)
    except ActionFailed as error:
        tell(twice=error.code)
    picture = Message([MessageSegment.file_image(PICTURE), MessageSegment.text("图")])
    await bot.send_to_group(group, picture, msg_id=event.id, msg_seq=2)
    try:
        await bot.send_to_group("0" * 32, "x", msg_id=event.id, msg_seq=3)
    except ActionFailed as error:
        tell(refused=error.code)
    await bot.send_to_group(group, "早")
    await bot.delete_group_message(group_openid=group, message_id=sent.id)
    tell(done=True)


nonebot.run()

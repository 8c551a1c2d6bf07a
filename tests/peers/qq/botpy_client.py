"""The same as qq-botpy-community understands it. It knows the platform's addresses by heart, so they are
replaced where it asks for them.

    botpy_client.py URL APP_ID SECRET
"""

import json
import sys

import aiohttp
import botpy
from botpy.errors import ServerError
from botpy.http import Route

URL, APP_ID, SECRET = sys.argv[1:4]
Route.SCHEME, Route.DOMAIN = URL.split("://")
request = aiohttp.ClientSession._request


async def redirected(self, method, url, **more):
    return await request(self, method, str(url).replace("https://bots.qq.com", URL), **more)


aiohttp.ClientSession._request = redirected


def tell(**what):
    print(json.dumps(what, ensure_ascii=False, default=str), flush=True)


class Client(botpy.Client):
    async def on_ready(self):
        tell(ready=self.robot.name)

    async def on_group_add_robot(self, event):
        tell(added=event.op_member_openid)

    async def on_group_at_message_create(self, message):
        tell(at=message.content, who=message.author.member_openid)

    async def on_group_message_create(self, message):
        tell(text=message.content)
        if message.content != "go":
            return
        group = message.group_openid
        tell(info=(await self.api.get_group_info(group))["group_member_num"])
        sent = await self.api.post_group_message(group, msg_type=0, content="好", msg_id=message.id, msg_seq=1)
        tell(sent=sent["id"])
        try:
            await self.api.post_group_message(group, msg_type=0, content="好", msg_id=message.id, msg_seq=1)
        except ServerError as error:
            tell(twice=str(error))
        media = await self.api.post_group_file(group, file_type=1, file_data="iVBORw0KGgo=")
        await self.api.post_group_message(
            group, msg_type=7, content="图", media={"file_info": media["file_info"]}, msg_id=message.id, msg_seq=2
        )
        await self.api.recall_group_message(group, sent["id"])
        tell(done=True)


# What is printed beside our lines would be none of them.
Client(intents=botpy.Intents(public_messages=True, interaction=True), bot_log=None).run(appid=APP_ID, secret=SECRET)

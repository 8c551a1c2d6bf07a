"""The implementation side of OneBot v11, spoken by euler-onebot: a WebSocket server that tuan connects to.

Holds no groups of its own: every call that its models accept goes to standard output, one JSON a line, and
what comes on standard input is an event or an answer, which its models check before it is sent. What they
refuse is told as {"fault": ...}. Only its protocol part is used; it never signs in anywhere.

    implementation.py PORT
"""

import asyncio
import json
import os
import sys

# Its log goes to standard output, where our lines are.
LINES = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

from euleronebot.hyperogger import Logger  # noqa: E402

Logger.create("euler", "INFO", False)  # before anything that fetches it

from euleronebot.config import ForwardWebsocketConfig  # noqa: E402
from euleronebot.onebot import Adapter, api, events  # noqa: E402

EVENTS = {
    ("message", "group"): events.GroupMessageEvent,
    ("message", "private"): events.PrivateMessageEvent,
    ("notice", "group_increase"): events.GroupIncreaseEvent,
    ("notice", "group_decrease"): events.GroupDecreaseEvent,
    ("notice", "group_recall"): events.GroupRecallEvent,
    ("meta_event", "heartbeat"): events.HeartbeatEvent,
    ("meta_event", "lifecycle"): events.LifecycleEvent,
}


def tell(what):
    print(json.dumps(what, ensure_ascii=False), file=LINES, flush=True)


def event_of(frame):
    post = frame["post_type"]
    kind = frame.get({"message": "message_type", "notice": "notice_type"}.get(post, "meta_event_type"))
    if (post, kind) == ("message", "group"):
        frame = {**frame, "sub_type": "group"}  # its own name for what others call normal
    return EVENTS[post, kind].model_validate(frame)


def response_of(frame, calls):
    if frame["status"] != "ok":
        return api.ActionFailedResponse(status="failed", retcode=frame["retcode"], data=None, echo=frame["echo"])
    call = calls.pop(frame["echo"])
    if frame["data"] is None:
        frame = {**frame, "data": {}}
    return getattr(api, type(call).__name__ + "Response").model_validate(frame)


async def pass_on_calls(adapter, calls):
    while True:
        call = await adapter.api_calls.get()
        calls[call.echo] = call
        tell(json.loads(call.model_dump_json()))


async def main(port):
    adapter = Adapter([ForwardWebsocketConfig(url=f"ws://127.0.0.1:{port}")])
    await adapter.setup()
    calls = {}
    tasks = [asyncio.create_task(adapter.cycle()), asyncio.create_task(pass_on_calls(adapter, calls))]
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        frame = json.loads(line)
        try:
            if "post_type" in frame:
                await adapter.trigger(event_of(frame))
            else:
                await adapter.report(response_of(frame, calls))
        except Exception as error:  # told, so that the test fails with the reason
            tell({"fault": f"{type(error).__name__}: {error}"})
    for task in tasks:
        task.cancel()


asyncio.run(main(int(sys.argv[1])))

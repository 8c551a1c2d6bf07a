"""Reads what passed between the shop and our own fake of the Bot API with the models of aiogram.

Standard input: one JSON a line, {"name": "update" or a method, "said": ..., "answered": ...}. Whatever the
models refuse, or know nothing about, is told as {"fault": ...}, and the end is then not a happy one. The
last line counts what was read.
"""

import json
import sys
from typing import Any

from aiogram import methods
from aiogram.methods.base import Response
from aiogram.types import Update
from pydantic import BaseModel, TypeAdapter


def unknown(value, path):
    """Names that the models carry along without knowing them."""
    if isinstance(value, BaseModel):
        for name in value.model_extra or {}:
            yield f"{path}.{name}"
        for name in type(value).model_fields:
            yield from unknown(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, (list, tuple)):
        for nth, item in enumerate(value):
            yield from unknown(item, f"{path}[{nth}]")


def fields_of(said):
    """In a form, what is no text travels as JSON."""
    nested = ("reply_markup", "caption_entities")
    return {k: json.loads(v) if k in nested and isinstance(v, str) else v for k, v in said.items()}


def read(line, kinds, refusals):
    name, said, answered = line["name"], line["said"], line["answered"]
    if name == "update":
        update = Update.model_validate(said)
        kinds.add(update.event_type)
        yield from unknown(update, "update")
        return
    kinds.add(name)
    method = getattr(methods, name[0].upper() + name[1:])
    yield from unknown(method.model_validate(fields_of(said)), name)
    response = Response[Any].model_validate(answered)
    yield from unknown(response, f"{name} answered")
    if response.ok:
        result = TypeAdapter(method.__returning__).validate_python(answered["result"])
        yield from unknown(result, f"{name} result")
    else:
        refusals.add(response.error_code)


def main():
    count, faults, kinds, refusals = 0, 0, set(), set()
    for text in sys.stdin:
        line = json.loads(text)
        try:
            found = list(read(line, kinds, refusals))
        except Exception as error:  # told, so that the test fails with the reason
            found = [f"{line['name']}: {type(error).__name__}: {error}"]
        for fault in found:
            print(json.dumps({"fault": fault, "line": line}, ensure_ascii=False))
        faults += len(found)
        count += 1
    print(json.dumps({"read": count, "kinds": sorted(kinds), "refusals": sorted(refusals)}))
    return 1 if faults or not count else 0


sys.exit(main())

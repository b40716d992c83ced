"""Renders templates with the real Jinja2: one JSON list of texts on stdin, one JSON list of answers on stdout."""
import json
import sys

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

environment = SandboxedEnvironment(
    undefined=StrictUndefined, extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]
)


def answer(text):
    variables = {
        "n": 7, "z": 0, "neg": -3, "f": 2.5, "g": 1.0, "big": 12345678901234567890, "t": True, "none_": None,
        "s": "hello World", "e": "", "u": "gr\u00fc\u00dfe", "m": "a,b,,c d\ne", "num": "42",
        "l": [3, 1, 2], "ls": ["b", "A", "c"], "x": [1, "a", None, 2.5], "el": [],
        "d": {"b": 1, "a": [1, 2], "c": {"k": "v"}}, "ed": {},
        "us": [{"n": "bob", "a": 3, "t": True}, {"n": "al", "a": 1, "t": False}, {"n": "Cy", "a": 2, "t": True}],
    }
    try:
        return {"ok": environment.from_string(text).render(**variables)}
    except MemoryError:
        return {"err": "MemoryError"}
    except Exception as error:  # every failure is an answer
        return {"err": type(error).__name__ + ": " + str(error)[:200]}


json.dump([answer(text) for text in json.load(sys.stdin)], sys.stdout)

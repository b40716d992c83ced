"""Renders templates with the real Jinja2: one JSON list of texts on stdin, one JSON list of answers on stdout."""
import json
import resource
import sys

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

class Environment(SandboxedEnvironment):
    intercepted_binops = frozenset(["**", "*"])

    # Python computes 10 ** 10 ** 10 for hours, and no signal stops it: what we refuse it need not compute.
    def call_binop(self, context, operator, left, right):
        if operator == "**" and isinstance(right, int) and isinstance(left, int) and abs(right) * left.bit_length() > 100000:
            raise MemoryError
        if operator == "*" and isinstance(left, int) != isinstance(right, int) and not isinstance(left, float) and not isinstance(right, float):
            if max(n for n in (left, right) if isinstance(n, int)) > 1000000:
                raise MemoryError
        return super().call_binop(context, operator, left, right)


resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
environment = Environment(
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

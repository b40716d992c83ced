"""Renders templates with the real Jinja2: a JSON list of cases a line on stdin, a JSON list of answers a line on stdout; the
first line has the sets of other templates, which cases name by their number."""
import decimal
import gc
import json
import math
import resource
import sys
import warnings

from jinja2 import DictLoader, StrictUndefined, Undefined, filters, nodes
from jinja2.sandbox import SandboxedEnvironment

from salt_filters import FILTERS, TESTS


class Environment(SandboxedEnvironment):
    intercepted_binops = frozenset(["**", "*"])

    # Python computes 10 ** 10 ** 10 for hours, and no signal stops it: what we refuse it need not compute.
    def call_binop(self, context, operator, left, right):
        if operator == "**" and isinstance(right, int) and isinstance(left, int):
            if abs(right) * left.bit_length() > 100000:
                raise MemoryError
        if operator == "*" and isinstance(left, (int, str, list, tuple)) and isinstance(right, (int, str, list, tuple)):
            numbers = [one for one in (left, right) if isinstance(one, int)]
            if len(numbers) == 1 and numbers[0] > 1000000:
                raise MemoryError
        if operator == "**" and float in (type(left), type(right)) and power_is_finite(left, right):
            return exact_power(left, right)
        return super().call_binop(context, operator, left, right)


def power_is_finite(left, right):
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return False
    if left < 0 and not float(right).is_integer():
        raise MemoryError  # a complex number, which nobody needs
    return left not in (0, 1) and right != 0 and math.isfinite(left) and math.isfinite(right)


def exact_power(left, right):
    """The C library's own is off in the last digit for one in a thousand, and others elsewhere."""
    size = decimal.Decimal(abs(float(left))) ** decimal.Decimal(float(right))
    if size > decimal.Decimal(sys.float_info.max):
        raise OverflowError
    return -float(size) if left < 0 and right % 2 == 1 else float(size)


def folded(node, eval_ctx=None):
    """As Jinja computes an operator when it compiles: guarded operators it would leave to the rendering."""
    eval_ctx = nodes.get_eval_context(node, eval_ctx)
    try:
        left, right = node.left.as_const(eval_ctx), node.right.as_const(eval_ctx)
        if node.operator in Environment.intercepted_binops:
            return eval_ctx.environment.call_binop(None, node.operator, left, right)
        return nodes._binop_to_func[node.operator](left, right)
    except Exception as error:
        raise nodes.Impossible() from error


for kind in (nodes.Mul, nodes.Pow):
    kind.as_const = folded



def int_of_text(value, default=0, base=10):
    """Since Jinja 3.1.4 a text that is an infinite float is no integer; Debian's 3.1.2 fails."""
    try:
        return filters.do_int(value, default, base)
    except OverflowError:
        if isinstance(value, str):
            return default
        raise


def children(self, exclude=None, only=None):
    """The same as Jinja's, in half the time: a third of all time went into it."""
    if exclude is not None or only is not None:
        yield from plain_children(self, exclude, only)
        return
    for name in self.fields:
        item = getattr(self, name, None)
        if isinstance(item, list):
            for one in item:
                if isinstance(one, nodes.Node):
                    yield one
        elif isinstance(item, nodes.Node):
            yield item


plain_children = nodes.Node.iter_child_nodes
nodes.Node.iter_child_nodes = children

decimal.getcontext().prec = 60
warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
environments = {}


def environment(options, files):
    key = json.dumps([options, files], sort_keys=True)
    if key not in environments:
        given = {name: value for name, value in options.items() if name != "allow_undefined"}
        environments[key] = Environment(
            undefined=Undefined if options.get("allow_undefined") else StrictUndefined,
            loader=DictLoader({} if files is None else file_sets[files]),
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
            **given,
        )
        environments[key].filters.update(FILTERS)
        environments[key].filters["int"] = int_of_text
        environments[key].tests.update(TESTS)
    return environments[key]


def fresh():
    return {
        "n": 7, "z": 0, "neg": -3, "f": 2.5, "g": 1.0, "big": 12345678901234567890, "t": True, "none_": None,
        "s": "hello World", "e": "", "u": "gr\u00fc\u00dfe", "m": "a,b,,c d\ne", "num": "42",
        "l": [3, 1, 2], "ls": ["b", "A", "c"], "x": [1, "a", None, 2.5], "el": [],
        "d": {"b": 1, "a": [1, 2], "c": {"k": "v"}}, "ed": {},
        "us": [{"n": "bob", "a": 3, "t": True}, {"n": "al", "a": 1, "t": False}, {"n": "Cy", "a": 2, "t": True}],
    }


def answer(case):
    try:
        made = environment(case.get("options", {}), case.get("files"))
        return {"ok": made.from_string(case["template"]).render(fresh())}
    except MemoryError:
        return {"err": "MemoryError"}
    except Exception as error:  # every failure is an answer
        return {"err": type(error).__name__ + ": " + str(error)[:200]}


file_sets = json.loads(sys.stdin.readline())
# Modules and environments stay: looking through them again and again costs a tenth of the time.
gc.freeze()
for line in sys.stdin:
    sys.stdout.write(json.dumps([answer(case) for case in json.loads(line)]) + "\n")
    sys.stdout.flush()

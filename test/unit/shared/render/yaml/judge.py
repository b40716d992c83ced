"""The judge: PyYAML's dumper and loader, and json, set up as Salt sets them up. Reads and writes JSON, a batch at a time."""
import io
import json
import math
import sys
from collections import OrderedDict

import yaml
from yaml.constructor import ConstructorError


def build(form, shared):
    kind, rest = form[0], form[1:]
    if kind == "n":
        return None
    if kind == "b":
        return bool(rest[0])
    if kind == "i":
        return int(rest[0])
    if kind == "f":
        return float(rest[0])
    if kind == "s":
        return rest[0]
    if kind == "y":
        return bytes.fromhex(rest[0])
    if kind == "u":
        return object()
    if kind == "r":
        return shared[rest[0] % len(shared)] if shared else None
    if kind == "l":
        value = [build(item, shared) for item in rest[0]]
        shared.append(value)
        return value
    if kind == "t":
        return tuple(build(item, shared) for item in rest[0])
    if kind == "S":
        return set(build(item, shared) for item in rest[0])
    value = {}
    for key, item in rest[0]:
        value[build(key, shared)] = build(item, shared)
    shared.append(value)
    return value


class Dumper(yaml.CSafeDumper):
    pass


class SlowDumper(yaml.SafeDumper):
    pass


for dumper in (Dumper, SlowDumper):
    dumper.add_representer(None, lambda self, data: self.represent_scalar("tag:yaml.org,2002:null", "NULL"))


def dump(case):
    value = build(case["value"], [])
    try:
        return {"ok": yaml.dump(value, Dumper=Dumper, **case["options"])}
    except UnicodeEncodeError:
        return {"skip": "surrogate"}
    except Exception as error:
        return {"err": "%s: %s" % (type(error).__name__, error)}


def dump_json(case):
    value = build(case["value"], [])
    try:
        return {"ok": json.dumps(value, **case["options"])}
    except Exception as error:
        return {"err": "%s: %s" % (type(error).__name__, error)}


def quotes(text):
    """As Salt's yaml_dquote and yaml_squote."""
    written = []
    for write in (yaml.emitter.Emitter.write_double_quoted, yaml.emitter.Emitter.write_single_quoted):
        stream = io.StringIO()
        write(yaml.emitter.Emitter(stream, width=sys.maxsize), text)
        written.append(stream.getvalue())
    return written


def salted(base):
    """A loader with Salt's rules: ordered maps, no double keys, dates are text, zeros before integers mean nothing."""

    class Loader(base):
        def a_map(self, node):
            data = OrderedDict()
            yield data
            data.update(self.pairs_of(node))

        def pairs_of(self, node):
            if not isinstance(node, yaml.MappingNode):
                raise ConstructorError(None, None, "expected a mapping", node.start_mark)
            self.flatten_mapping(node)
            found = OrderedDict()
            for key_node, value_node in node.value:
                key = self.construct_object(key_node)
                try:
                    hash(key)
                except TypeError:
                    raise ConstructorError(None, None, "unacceptable key", key_node.start_mark)
                value = self.construct_object(value_node)
                if key in found:
                    raise ConstructorError(None, None, "found conflicting ID", key_node.start_mark)
                found[key] = value
            return found

        def an_int(self, node):
            text = node.value
            if text.startswith("0") and not text.startswith(("0b", "0x")):
                node = yaml.ScalarNode(node.tag, text.lstrip("0") or "0")
            return self.construct_yaml_int(node)

        def flatten_mapping(self, node):
            own, merged = [], []
            for key_node, value_node in node.value:
                if key_node.tag == "tag:yaml.org,2002:merge":
                    many = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                    for one in reversed(many) if isinstance(value_node, yaml.SequenceNode) else many:
                        if not isinstance(one, yaml.MappingNode):
                            raise ConstructorError(None, None, "expected a mapping for merging", one.start_mark)
                        self.flatten_mapping(one)
                        merged.extend(one.value)
                    continue
                if key_node.tag == "tag:yaml.org,2002:value":
                    key_node.tag = "tag:yaml.org,2002:str"
                own.append((key_node, value_node))
            names = [key.value for key, _ in own]
            node.value = [pair for pair in merged if pair[0].value not in names] + own

    Loader.add_constructor("tag:yaml.org,2002:map", Loader.a_map)
    Loader.add_constructor("tag:yaml.org,2002:omap", Loader.a_map)
    Loader.add_constructor("tag:yaml.org,2002:int", Loader.an_int)
    Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_scalar)
    Loader.add_constructor("tag:yaml.org,2002:python/unicode", lambda self, node: node.value)
    return Loader


fast, slow = salted(yaml.CSafeLoader), salted(yaml.SafeLoader)


def form(value, above=()):
    if value is None:
        return ["n"]
    if isinstance(value, bool):
        return ["b", value]
    if isinstance(value, int):
        return ["i", str(value)]
    if isinstance(value, float):
        return ["f", "nan" if math.isnan(value) else repr(value)]
    if isinstance(value, str):
        return ["s", value]
    if isinstance(value, bytes):
        return ["y", value.hex()]
    if id(value) in above:
        return ["recursive"]
    above = above + (id(value),)
    if isinstance(value, list):
        return ["l", [form(item, above) for item in value]]
    if isinstance(value, dict):
        return ["d", [[form(key, above), form(item, above)] for key, item in value.items()]]
    return ["x", type(value).__name__]


def load_with(loader, text):
    try:
        return {"ok": form(yaml.load(text, Loader=loader))}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        return {"err": str(problem), "line": mark.line + 1 if mark else None}
    except Exception as error:
        return {"err": "%s: %s" % (type(error).__name__, error)}


def load(text):
    return {"fast": load_with(fast, text), "slow": load_with(slow, text)}


def main():
    work = {"dump": dump, "json": dump_json, "quotes": quotes, "load": load, "fast": lambda text: load_with(fast, text)}
    sys.set_int_max_str_digits(0)
    sys.setrecursionlimit(5000)
    for line in sys.stdin:
        request = json.loads(line)
        done = [work[request["work"]](case) for case in request["cases"]]
        sys.stdout.write(json.dumps(done) + "\n")
        sys.stdout.flush()


main()

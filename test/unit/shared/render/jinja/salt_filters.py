"""Salt's own filters as its documentation describes them, for the judge of random templates: Salt itself is not installed."""
import base64
import fnmatch
import functools
import hashlib
import hmac
import io
import ipaddress
import itertools
import json
import os.path
import re
import shlex
import sys
import uuid
from collections.abc import Hashable

import yaml
from jinja2 import Undefined
from markupsafe import Markup


def is_plain(*values):
    """What Python can hash by its type: then the filters of lists work with sets."""
    return all(isinstance(value, Hashable) for value in values)


def unique(values):
    if is_plain(values):
        # A set in Salt; its order is chance.
        values = list(values)
        set(values)
    kept = []
    for value in values:
        if value not in kept:
            kept.append(value)
    return kept


def union(a, b):
    return set(a) | set(b) if is_plain(a, b) else unique(a + b)


def intersect(a, b):
    return set(a) & set(b) if is_plain(a, b) else unique([one for one in a if one in b])


def difference(a, b):
    return set(a) - set(b) if is_plain(a, b) else unique([one for one in a if one not in b])


def symmetric_difference(a, b):
    if is_plain(a, b):
        return set(a) ^ set(b)
    both = intersect(a, b)
    return unique([one for one in union(a, b) if one not in both])


def avg(values):
    return float(values) if is_plain(values) else float(sum(values) / len(values))


def is_iter(value):
    if isinstance(value, str):
        return False
    try:
        iter(value)
    except TypeError:
        return False
    return True


def flatten(data, levels=None, preserve_nulls=False, above=()):
    # Salt refuses a list that stands twice in the data, too: not to be able to is no loss.
    if any(data is one for one in above):
        raise RuntimeError("a list in itself")
    flat = []
    for item in data:
        if not preserve_nulls and item in (None, "None", "null"):
            continue
        if is_iter(item) and levels is None:
            flat.extend(flatten(item, None, preserve_nulls, (*above, data)))
        elif is_iter(item) and levels >= 1:
            flat.extend(flatten(item, levels - 1, preserve_nulls, (*above, data)))
        else:
            flat.append(item)
    return flat


def exactly_n_true(values, amount=1):
    return sum(1 for value in values if value) == max(0, amount)


def compare_lists(old=None, new=None):
    added = [one for one in new if one not in old]
    gone = [one for one in old if one not in new]
    return {**({"new": added} if added else {}), **({"old": gone} if gone else {})}


def compare_dicts(old=None, new=None):
    changes = {}
    for key in [*(new or {}), *(key for key in (old or {}) if key not in (new or {}))]:
        if key not in old:
            changes[key] = {"old": "", "new": new[key]}
        elif key not in new:
            changes[key] = {"new": "", "old": old[key]}
        elif new[key] != old[key]:
            changes[key] = {"old": old[key], "new": new[key]}
    return changes


def as_number(text):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


MISSING = object()


def key_of(at, step):
    try:
        return at[step]
    except TypeError:
        return MISSING
    except KeyError:
        loaded = yaml.safe_load(step) if isinstance(step, str) and step.strip() else step
        if isinstance(loaded, (list, dict)) or loaded == step:
            return MISSING
        return at.get(loaded, MISSING)


def item_of(at, step):
    try:
        wanted = int(step)
    except ValueError:
        wanted = step
    for one in at:
        if isinstance(one, dict) and wanted in one:
            return one[wanted]
    if isinstance(wanted, int) and -len(at) <= wanted < len(at):
        return at[wanted]
    return MISSING


def traverse(data, key, default=None, delimiter=":"):
    at = data
    for step in key.split(delimiter) if isinstance(key, str) else [key] if isinstance(key, int) else key:
        at = item_of(at, step) if isinstance(at, list) else key_of(at, step)
        if at is MISSING:
            return default
    return at


def owner_of(data, keys, delimiter):
    *path, last = keys.split(delimiter)
    for step in path:
        if not isinstance(data.get(step), dict):
            data[step] = {}
        data = data[step]
    return data, last


def set_dict_key_value(data, keys, value, delimiter=":"):
    owner, last = owner_of(data, keys, delimiter)
    owner[last] = value
    return data


def change_dict_key_value(change, empty, data, keys, value, delimiter=":"):
    owner, last = owner_of(data, keys, delimiter)
    if owner.get(last) is None:
        owner[last] = empty()
    change(owner[last], value)
    return data


def append_to(there, value):
    if not isinstance(there, list):
        raise TypeError
    there.append(value)


def extend_with(there, value):
    if not isinstance(there, list):
        raise TypeError
    there.extend(value)


def update_with(there, value):
    if not isinstance(there, dict) or isinstance(value, str):
        raise TypeError
    there.update(value)


def to_bool(value):
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.lower() in ("yes", "1", "true")
    if isinstance(value, int):
        return value > 0
    return len(value) > 0 if not is_plain(value) else False


def flags_of(ignorecase, multiline):
    return (re.I if ignorecase else 0) | (re.M if multiline else 0)


def regex_search(text, pattern, ignorecase=False, multiline=False):
    found = re.search(pattern, text, flags_of(ignorecase, multiline))
    return None if found is None else found.groups()


def regex_match(text, pattern, ignorecase=False, multiline=False):
    found = re.match(pattern, text, flags_of(ignorecase, multiline))
    return None if found is None else found.groups()


def regex_replace(text, pattern, value, ignorecase=False, multiline=False):
    return re.compile(pattern, flags_of(ignorecase, multiline)).sub(value, text)


def matches(value, expression):
    if not isinstance(value, str) or not isinstance(expression, str):
        return False
    if fnmatch.fnmatchcase(value, expression):
        return True
    try:
        # Flags behind \A are an error since Python 3.11; Salt 3006 has 3.10.
        flags = re.match(r"(\(\?[aimsux]+\))?", expression).group()
        return re.match(flags + r"\A" + expression[len(flags):] + r"\Z", value) is not None
    except re.error:
        return False


def check_whitelist_blacklist(value, whitelist=None, blacklist=None):
    def listed(given):
        return any(matches(value, one) for one in ([given] if isinstance(given, str) else given))

    if blacklist and listed(blacklist):
        return False
    return listed(whitelist) if whitelist else True


def human_to_bytes(size, default_unit="B", handle_metric=False):
    digits, unit = re.match(r"(?P<value>[0-9.]*)\s*(?P<unit>.*)$", str(size).strip()).groups()
    unit = unit.lower() or default_unit.lower()
    value = as_number(digits)
    if not isinstance(value, (int, float)):
        return 0
    if re.fullmatch("[kmgtpezy]b", unit):
        base = 10 ** 3 if handle_metric else 2 ** 10
    elif re.fullmatch("b|[kmgtpezy](ib)?", unit):
        base = 2 ** 10
    else:
        return 0
    return int(value * base ** "bkmgtpezy".index(unit[0]))


def is_hex(value):
    try:
        int(value, 16)
    except (TypeError, ValueError):
        return False
    return True


def to_snake_case(text):
    if not isinstance(text, str):
        raise TypeError
    made = text[0].lower()
    for at, letter in list(enumerate(text))[1:]:
        after = text[at + 1] if at + 1 < len(text) else ""
        if letter.isupper() and (text[at - 1].islower() or after.islower()):
            made += "_"
        made += letter.lower()
    return made


def to_camelcase(text, uppercamel=False):
    if not isinstance(text, str):
        raise TypeError
    first, *rest = text.split("_")
    return (first.capitalize() if uppercamel else first) + "".join(word.capitalize() for word in rest)


def path_join(*parts):
    if not parts:
        return ""
    if not all(isinstance(part, str) for part in parts):
        raise TypeError
    root, *rest = [os.path.normpath(part) for part in parts]
    return os.path.normpath(os.path.join(root, *[part.lstrip("/") for part in rest]))


def encode(data):
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, (list, tuple)):
        return [encode(one) for one in data]
    if isinstance(data, dict):
        return {encode(key): encode(value) for key, value in data.items()}
    return data


def bytes_of(value):
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        return value
    raise TypeError


def base64_decode(value):
    plain = base64.b64decode(bytes_of(value))
    try:
        return plain.decode()
    except UnicodeDecodeError:
        return plain


def digest(name, value):
    return hashlib.new(name, bytes_of(value)).hexdigest()


def signed(text, secret):
    return hmac.new(bytes_of(secret), bytes_of(text), hashlib.sha256)


def tojson(value, indent=None, **options):
    text = json.dumps(value, indent=indent, **options)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("'", "\\u0027")


def as_json(value, sort_keys=True, indent=None):
    return Markup(json.dumps(value, sort_keys=sort_keys, indent=indent, ensure_ascii=False).strip())


def quoted(method, text):
    stream = io.StringIO()
    getattr(yaml.emitter.Emitter(stream, width=sys.maxsize), method)(str(text))
    return stream.getvalue()


def yaml_encode(value):
    # PyYAML refuses what is marked as safe; here it is the text that it is.
    value = str(value) if isinstance(value, Markup) else value
    node = yaml.representer.SafeRepresenter().represent_data(value)
    if not isinstance(node, yaml.ScalarNode):
        raise TypeError
    return quoted("write_double_quoted", node.value) if node.tag.endswith(":str") else node.value


def address(value, version):
    """The address or interface as text; None: it is none of this version."""
    for kind in (ipaddress.ip_address, ipaddress.ip_interface):
        try:
            parsed = kind(value)
        except ValueError:
            continue
        return str(parsed) if parsed.version == version else None
    return None


def ipwrap(data):
    def wrapped(value):
        return f"[{ipaddress.ip_address(value)}]" if address(value, 6) else value

    return [wrapped(one) for one in data] if isinstance(data, (list, tuple)) else wrapped(data)


def method_call(value, name, *args, **kwargs):
    return getattr(value, name, lambda *_, **__: None)(*args, **kwargs)


FILTERS = {
    "unique": unique,
    "union": union,
    "intersect": intersect,
    "difference": difference,
    "symmetric_difference": symmetric_difference,
    "min": lambda values: min(values),
    "max": lambda values: max(values),
    "avg": avg,
    "sequence": lambda data: data if isinstance(data, (list, tuple, set, dict)) else [data],
    "skip": lambda data: "",
    "is_list": lambda value: isinstance(value, list),
    "is_iter": is_iter,
    "flatten": flatten,
    "exactly_n_true": exactly_n_true,
    "exactly_one_true": exactly_n_true,
    "sorted_ignorecase": lambda values: sorted(values, key=lambda one: one.lower()),
    "substring_in_list": lambda text, values: any(text in one for one in values),
    "compare_lists": compare_lists,
    "compare_dicts": compare_dicts,
    "to_num": as_number,
    "str_to_num": as_number,
    "traverse": traverse,
    "set_dict_key_value": set_dict_key_value,
    "append_dict_key_value": functools.partial(change_dict_key_value, append_to, list),
    "extend_dict_key_value": functools.partial(change_dict_key_value, extend_with, list),
    "update_dict_key_value": functools.partial(change_dict_key_value, update_with, dict),
    "to_bool": to_bool,
    "quote": shlex.quote,
    "regex_search": regex_search,
    "regex_match": regex_match,
    "regex_replace": regex_replace,
    "regex_escape": re.escape,
    "check_whitelist_blacklist": check_whitelist_blacklist,
    "human_to_bytes": human_to_bytes,
    "is_hex": is_hex,
    "contains_whitespace": lambda text: any(one.isspace() for one in text),
    "to_snake_case": to_snake_case,
    "to_camelcase": to_camelcase,
    "path_join": path_join,
    "json_encode_dict": lambda data: encode(data),
    "json_encode_list": lambda data: encode(data),
    "to_bytes": bytes_of,
    "base64_encode": lambda value: base64.b64encode(bytes_of(value)).decode(),
    "base64_decode": base64_decode,
    **{name: functools.partial(digest, name) for name in ("md5", "sha1", "sha256", "sha512")},
    "hmac_compute": lambda text, secret: signed(text, secret).hexdigest(),
    "hmac": lambda text, secret, given: base64.b64encode(signed(text, secret).digest()) == bytes_of(given),
    "tojson": tojson,
    "json": as_json,
    "yaml_dquote": functools.partial(quoted, "write_double_quoted"),
    "yaml_squote": functools.partial(quoted, "write_single_quoted"),
    "yaml_encode": yaml_encode,
    "zip": zip,
    "zip_longest": itertools.zip_longest,
    "product": itertools.product,
    "permutations": itertools.permutations,
    "combinations": itertools.combinations,
    "combinations_with_replacement": itertools.combinations_with_replacement,
    "compress": itertools.compress,
    "uuid": lambda value: str(uuid.uuid5(uuid.UUID("91633EBF-1C86-5E33-935A-28061F4B480E"), bytes_of(value).decode())),
    "is_ip": lambda value: bool(address(value, 4) or address(value, 6)),
    "is_ipv4": lambda value: bool(address(value, 4)),
    "is_ipv6": lambda value: bool(address(value, 6)),
    "ipwrap": ipwrap,
    "method_call": method_call,
}

TESTS = {
    "list": lambda value: isinstance(value, list),
    "match": lambda text, pattern, ignorecase=False, multiline=False: re.match(
        pattern, str(text) if isinstance(text, Undefined) else text, flags_of(ignorecase, multiline)
    )
    is not None,
}

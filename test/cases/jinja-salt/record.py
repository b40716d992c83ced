"""Records what Salt's own filters answer.

Needs Salt 3006 on PYTHONPATH:  PYTHONPATH=... TZ=UTC python3 record.py
Writes one JSON file for each subject beside itself. A case is [filter, arguments, keywords, answer]: the answer is the
repr of what comes back (sets sorted, iterators as lists), or {"error": kind}. Values that JSON does not have are
{"$": "tuple" | "float" | "bytes" | "dict" | "int", "v": ...}.
"""
import importlib
import itertools
import json
import logging
import os
import random
import re
import signal
import sys
import types
import warnings

warnings.simplefilter("ignore")
sys.modules.setdefault("salt.fileclient", types.ModuleType("salt.fileclient"))
for name in "jinja data network hashutils dictupdate stringutils path dateutils yamlencoding files user".split():
    importlib.import_module("salt.utils." + name)
from salt.utils.decorators.jinja import JinjaFilter  # noqa: E402

logging.disable(logging.CRITICAL)
FILTERS = dict(JinjaFilter.salt_jinja_filters)
FILTERS.update(
    zip=zip,
    product=itertools.product,
    zip_longest=itertools.zip_longest,
    permutations=itertools.permutations,
    combinations=itertools.combinations,
    combinations_with_replacement=itertools.combinations_with_replacement,
    compress=itertools.compress,
)
HERE = os.path.dirname(os.path.abspath(__file__))


def encode(value):
    if isinstance(value, float):
        return {"$": "float", "v": repr(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"$": "int", "v": str(value)}
    if isinstance(value, tuple):
        return {"$": "tuple", "v": [encode(one) for one in value]}
    if isinstance(value, bytes):
        return {"$": "bytes", "v": value.hex()}
    if isinstance(value, list):
        return [encode(one) for one in value]
    if isinstance(value, dict):
        return {"$": "dict", "v": [[encode(key), encode(item)] for key, item in value.items()]}
    return value


def answer(name, args, kwargs):
    try:
        result = FILTERS[name](*args, **kwargs)
        if hasattr(result, "__next__"):
            result = list(result)
        if isinstance(result, set):
            return "set:" + repr(sorted(map(repr, result)))
        if name == "compare_dicts":
            return "dict:" + repr(sorted((repr(key), repr(item)) for key, item in result.items()))
        return repr(result)
    except Exception as error:
        return {"error": type(error).__name__}


def record(subject, cases):
    rows = []
    for name, args, *rest in cases:
        kwargs = rest[0] if rest else {}
        given = [encode(list(args)), {key: encode(value) for key, value in kwargs.items()}]
        rows.append(json.dumps([name, *given, answer(name, args, kwargs)], ensure_ascii=False))
    with open(os.path.join(HERE, subject + ".json"), "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(rows) + "\n]\n")
    print(subject, len(rows))


PROBES = [
    None, True, False, 0, 1, -5, 2**60, 2.0, 2.5, 1e20, "", " ", "yes", "Yes", "True", "no", "1", "0", "a b", "it's",
    "é", "😀x", "line\nbreak", [], [1, 2], ["a", "b", "a"], {}, {"a": 1}, (), (1, 2), ("a", "a"), b"ab\xff",
]


def strings():
    for name in ("to_bool", "skip", "quote", "to_bytes", "to_num", "str_to_num", "is_hex", "contains_whitespace", "sequence",
                 "is_list", "is_iter", "uuid", "yaml_dquote", "yaml_squote", "yaml_encode", "regex_escape"):
        for probe in PROBES:
            yield name, (probe,)
    for text in ("1_000", "1__0", "_1", "0x1f", "0X1F", "ff", "fg", "0x", " 12 ", "+3", "--3", "1e3", "1.", ".5", ".", "inf",
                 "-Infinity", "nan", "٣", "1_0.5", "1e", "007", "-0", "1 2", "\t7\n", "9" * 30, "1E-3"):
        yield "to_num", (text,)
        yield "is_hex", (text,)
    for text in ("$HOME", "a;b", "'", "a'b\"c", "-x", "a=b", "~", "é", "a\nb", "%s@x+y,z:./-_"):
        yield "quote", (text,)
    for size in ("2G", "30MB", "64KiB", "1kb", "5", " 7 M ", "1.5k", "x", "", "3ZB", "2yib", "5 b", "1mib2", "1.2.3k", 12, 0, "9007199254740993"):
        yield "human_to_bytes", (size,)
        yield "human_to_bytes", (size,), {"handle_metric": True}
        yield "human_to_bytes", (size,), {"default_unit": "M"}
    for text in ("camelCase", "CamelCase", "HTTPServer", "getHTTPResponseCode", "a", "ABC", "aB1C", "ÉcoleBête", "x_Y", ""):
        yield "to_snake_case", (text,)
    for text in ("snake_case", "a_b_c", "_private", "two__lines", "UPPER_CASE", "x", "", "ma_ïs"):
        yield "to_camelcase", (text,)
        yield "to_camelcase", (text,), {"uppercamel": True}
    for parts in (("/a", "b"), ("/a/", "/b"), ("a", "../c"), ("/", "x"), ("",), ("", "a"), ("//a", "b"), ("///a", "b"), ("a/./b//c", "d/"),
                  ("..", "..", "a"), ("/..", "a"), ("a", ""), (), ("/a", None), ("/a", "b", "/c/../d")):
        yield "path_join", parts
    yield "path_join", ("/a", "b"), {"use_posixpath": True}
    yield "path_join", ("/a", "b"), {"other": True}
    for text in ("\na", "a\n", "a\n\nb", "a\n b", "a\r\nb", "\x85x", "a\u2028b", "'\n'", "\x00\x07\x1b\x7f", "\ufeffa", "\U0001f600", "tab\t", '"\\'):
        yield "yaml_squote", (text,)
        yield "yaml_dquote", (text,)
        yield "yaml_encode", (text,)
    for number in (1e16, 1e17, 1e-7, 1.5e300, float("inf"), float("-inf"), float("nan"), -0.0, 123456789.125):
        yield "yaml_encode", (number,)
    for data in ({"b": 1, "a": [1, {"z": None, "y": True}]}, "<a href='x'>&é</a>", []):
        yield "tojson", (data,)
        yield "tojson", (data, 2)
        yield "tojson", (data,), {"sort_keys": True, "separators": [",", ":"]}
    yield "tojson", ("é",), {"ensure_ascii": False}
    yield "method_call", ("abc", "nothing", 1)
    yield "method_call", ({"upper": 1}, "upper")


LISTS = [[], [1, 2, 3], [3, 1, 2, 1], ["a", "B", "a"], [1, 1.0, True, "1"], [[1], [1], [2]], [{"a": 1}, {"a": 1}], [None, 0, False],
         (1, 2, 2), ("a",), {"a": 1, "b": 2}, "aab", 5, None, [1, "a"], [[1, [2, [3, [4]]]], 5], [1, None, "None", "null", [None]]]


def lists():
    for name in ("unique", "min", "max", "avg", "sequence", "flatten", "sorted_ignorecase", "exactly_one_true", "is_iter"):
        for one in LISTS:
            yield name, (one,)
    for name in ("union", "intersect", "difference", "symmetric_difference", "compare_lists"):
        for one, other in itertools.product(LISTS[:12], repeat=2):
            yield name, (one, other)
    for levels in (0, 1, 2, 9):
        for nulls in (True, False):
            yield "flatten", (LISTS[15],), {"levels": levels, "preserve_nulls": nulls}
            yield "flatten", ([LISTS[16]],), {"levels": levels, "preserve_nulls": nulls}
    yield "flatten", ([{"a": [1]}, (2, (3,)), "text"],)
    for amount in (0, 1, 2, 3, -1):
        for one in ([1, 0, 2], [], [True, "a", [0]], (0, None)):
            yield "exactly_n_true", (one, amount)
    yield "avg", ([1, 2],)
    yield "avg", ([1.5, 2.5],)
    yield "avg", ("3.5",)
    yield "avg", ((1, 2),)
    for texts in (["abc", "def"], [], "abc", [["b"], "x"], [1], {"abc": 1}):
        for needle in ("b", "zz", "", 1):
            yield "substring_in_list", (needle, texts)
    for name in ("zip", "product", "zip_longest"):
        for args in (([1, 2], "ab"), ([1, 2, 3], (4,)), ([],), ([], [1]), (), ({"a": 1}, [2]), (5,)):
            yield name, args
    yield "product", ([1, 2],), {"repeat": 2}
    yield "product", ([1, 2],), {"repeat": 0}
    yield "zip_longest", ([1, 2], [3]), {"fillvalue": "-"}
    yield "zip", ([1], [2]), {"nothing": 1}
    for size in range(5):
        for name in ("permutations", "combinations", "combinations_with_replacement"):
            yield name, ("abc", size)
            yield name, ([], size)
    yield "permutations", ("abc",)
    yield "compress", ("abcd", [1, 0, True])
    for seed in ("s", "web1", "é"):
        for size in (0, 1, 3, 5):
            yield "random_sample", (["a", "b", "c", "d", "e"], size), {"seed": seed}
        yield "random_sample", (list(range(100)), 4), {"seed": seed}
        yield "random_sample", (list(range(300)), 20), {"seed": seed}
        yield "random_shuffle", (list(range(40)),), {"seed": seed}
        yield "random_shuffle", ("abcdef",), {"seed": seed}
    yield "random_sample", ([1, 2], 3), {"seed": "s"}
    yield "random_sample", ({"a": 1}, 1), {"seed": "s"}


TREE = {"a": {"b": [{"c": 1}, {"d": [5, 6]}, 7]}, 80: "port", "80x": 1, True: "yes", "e": {"1": "text", 2: "number"}, "f": (1, 2), "n": None, "m": "text", 1.5: "float"}


def dicts():
    for key in ("a", "a:b", "a:b:c", "a:b:d", "a:b:d:1", "a:b:d:9", "a:b:0", "a:b:-1", "a:b:3", "80", "80x", "true", "True", "yes", "e:1", "e:2", "f:0",
                "n", "n:x", "m:0", "x", "", ":", "a:", "1.5", "0x50", 80, 5, ["a", "b", 2], ("a", "b"), "None", "8_0", "a:b:c:z", "e:02", None):
        yield "traverse", (TREE, key)
        yield "traverse", (TREE, key, "DEFAULT")
    yield "traverse", (TREE, "a/b/c"), {"delimiter": "/"}
    yield "traverse", ([1, {"x": 2}, {5: "five"}], "5")
    yield "traverse", ([1, {"x": 2}], "x")
    yield "traverse", ([{"x": {"y": 1}}, {"x": 3}], "x:y")
    yield "traverse", ("text", "a")
    for name, values in (("set", (1, None, {"z": 1})), ("append", (1, [2], None)), ("extend", ([1, 2], (3,), "ab", 5, {"k": 1})), ("update", ({"z": 1}, [("p", 1)], [1], 5, "ab", ["xy"], {}))):
        for keys in ("a", "a:b", "l", "new", "x:y:z", "n", "s", "s:t", "l:q"):
            for value in values:
                yield name + "_dict_key_value", ({"a": {"b": {"c": 1}}, "l": [0], "n": None, "s": "text"}, keys, value)
    yield "set_dict_key_value", ({}, "a/b", 1), {"delimiter": "/"}
    yield "set_dict_key_value", ({}, "a:b", 1), {"ordered_dict": False}
    yield "set_dict_key_value", ([], "a:b", 1)
    yield "set_dict_key_value", ({}, "", 1)
    for old, new in itertools.product(({}, {"a": 1}, {"a": 2, "b": None}, {"a": {"x": 1}}, None, [1]), repeat=2):
        yield "compare_dicts", (old, new)
    table = ["+----+-------+", "| id | name  |", "+----+-------+", "| 1 | root |", "", "| 2.5 | a b |", "+----+"]
    yield "mysql_to_dict", (table, "id")
    yield "mysql_to_dict", (table, "name")
    yield "mysql_to_dict", (table, "other")
    yield "mysql_to_dict", ([], "id")
    yield "mysql_to_dict", ([1], "id")
    for data in ({"a": "b", "c": [1, "é", {"d": None}], "t": ("x", 1)}, {}, ["a", 1], [], "text", 5):
        for name in ("json_encode_dict", "json_decode_dict", "json_encode_list", "json_decode_list"):
            yield name, (data,)


def regexes():
    yield from (
        ("regex_search", ("abcd", "^(.*)BC(.*)$"), {"ignorecase": True}),
        ("regex_search", ("abcd", "x")),
        ("regex_search", ("abcd", "b")),
        ("regex_search", ("a\nb", "^b$"), {"multiline": True}),
        ("regex_match", ("a\nb", "^b$"), {"multiline": True}),
        ("regex_match", ("abcd", "(b)")),
        ("regex_match", ("web12.example.org", r"^(?P<role>[a-z]+)(\d+)\.")),
        ("regex_match", ("a", "(a)|(b)")),
        ("regex_match", (5, "a")),
        ("regex_match", ("a", "(")),
        ("regex_replace", ("lets replace spaces", r"\s+", "__")),
        ("regex_replace", ("yes", "(.)(.)", r"\2\1")),
        ("regex_replace", ("a.b", r"(?P<x>\w)\.(\w)", r"\g<2>.\g<x>")),
        ("regex_replace", ("abc", "", "-")),
        ("regex_replace", ("abxd", "x*", "-")),
        ("regex_replace", ("ABC", "b", "x"), {"ignorecase": True}),
        ("regex_replace", ("abc", "b", r"\n\t\\")),
        ("regex_replace", ("abc", "b", r"\q")),
        ("regex_replace", ("abc", "b", r"\1")),
        ("regex_replace", ("abc", "b", r"\.")),
        ("regex_replace", ("/etc/x.conf", r"\.conf$", "")),
        ("regex_replace", ("10.0.0.1/24", r"\d+$", "16")),
        ("regex_replace", (None, "a", "b")),
    )
    for text in ("https://example.com?foo=bar%20baz", "a-b_c.d", "[x] {y} (z)", "é\t\n#~&", ""):
        yield "regex_escape", (text,)
    for value in ("web1", "db1", "", "a.b", 5):
        for white, black in itertools.product((None, [], "web*", ["db.", "web\\d"], ["("]), repeat=2):
            yield "check_whitelist_blacklist", (value, white, black)
    yield "check_whitelist_blacklist", ("a", 5, None)


def hashes():
    for text in ("", "example", "é😀", "a" * 200, b"\xff\x00", 5, None, ["a"]):
        for name in ("md5", "sha1", "sha256", "sha512", "base64_encode"):
            yield name, (text,)
    for text in ("YQ==", "YQ", "YQ=", "Y=Q=", "YWI=", "YWI=YWJj", "Y", "", "!!YQ==", "YWJj=", "=YWJj", "YWJjZA==x", "YQ==YQ==", "/w==", "YW\nJj", "YQ=x=", 5, b"YWI=", "77u/YQ=="):
        yield "base64_decode", (text,)
    yield "hmac_compute", ("get salted", "shared secret")
    yield "hmac_compute", ("", "")
    yield "hmac", ("get salted", "shared secret", "eBWf9bstXg+NiP5AOwppB5HMvZiYMPzEM9W5YMm/AmQ=")
    yield "hmac", ("get salted", "shared secret", "x")
    for mac in ("08:00:27:13:69:77", "080027136977", "08-00-27-13-69-77", "08", "0800271369zz", "08:00:27:13:69:7"):
        yield "mac_str_to_bytes", (mac,)


ADDRESSES = ["1.2.3.4", "01.2.3.4", "1.2.3", "1.2.3.256", "1.2.3.4/24", "1.2.3.4/255.255.255.0", "1.2.3.4/0.0.0.255", "1.2.3.4/33", "1.2.3.4/255.0.255.0", "10.0.0.1",
             "192.168.0.0/16", "127.0.0.1", "169.254.1.1", "224.0.0.1", "240.0.0.1", "0.0.0.0", "255.255.255.255", "100.64.0.1", "192.0.0.171",
             "198.18.1.1", "::", "::1", "::1/64", "::1/128", "::/0", "fe80::1", "fe80::1%eth0", "fe80::1%", "fe80::1%eth0/64", "2001:db8::1", "2001:DB8:0:0:1:0:0:1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
             "::2:3:4:5:6:7:8", "1::3::5", "1:2:3", ":1::2", "1::2:", "12345::", "::ffff:1.2.3.4", "::1.2.3.4", "ff02::1", "fec0::1", "fc00::1", "2606:4700::1111/32", "64:ff9b::1", "[::1]",
             "", "text", " 1.2.3.4", "1.2.3.4/", "/24", "1.2.3.4/24/1", 5, 2**40, True, None, ["1.2.3.4"], "2001:db8::/129", "::%a%b", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4"]
OPTIONS = ["global", "link-local", "ll", "loopback", "lo", "multicast", "private", "public", "reserved", "site-local", "unspecified", "private, loopback", "nonsense", ""]


def network():
    for address in ADDRESSES:
        for name in ("is_ip", "is_ipv4", "is_ipv6", "ipv4", "ipv6", "ipaddr", "ip_host", "network_size", "ipwrap"):
            yield name, (address,)
        for option in OPTIONS:
            yield "ipaddr", (address, option)
    mixed = ["1.2.3.4", "fe80::1", "x", "10.0.0.1/8", "::1"]
    for name in ("ipv4", "ipv6", "ipaddr", "ip_host", "network_size", "ipwrap"):
        yield name, (mixed[:-2],)
        yield name, (tuple(mixed),)
        yield name, ([],)
    for version in (4, 6, 5):
        yield "ip_host", (mixed,), {"version": version}
        yield "ip_host", ("10.0.0.1/8",), {"version": version}
        yield "network_size", ("::/64", "private", version)
    for net in ("10.0.0.0/29", "10.0.0.5/29", "10.0.0.0/31", "10.0.0.1/32", "1.2.3.4", "2001:db8::/125", "2001:db8::/127", "::1", ["10.0.0.0/30", "::2/127"], "x"):
        yield "network_hosts", (net,)
    for values in (["1.2.3.4", "10.0.0.1", "fe80::1"], {"lo": ["127.0.0.1"], "eth0": ["10.0.0.1", "fe80::1"]}, [], ["x"], 5):
        for nets in (None, [], ["10.0.0.0/8"], ["10.0.0.0/8", "10.0.0.0/24", "fe80::/64"], ["10.0.0.1/8"], ["x"]):
            yield "filter_by_networks", (values, nets)


def dates():
    formats = "%a %A %b %B %c %d %D %e %F %f %g %G %h %H %I %j %k %l %m %M %n %p %P %r %R %s %S %t %T %u %U %V %w %W %x %X %y %Y %C %z %Z %%"
    for stamp in (0, 1040814000, "1040814000", "1040814000.25", 1.5, -86400, 951782400, 1230768000, 1609459199, 1704067199, 4102444800, "0"):
        yield "strftime", (stamp,)
        yield "date_format", (stamp, "%s" if stamp == 0 else formats)
        yield "strftime", (stamp, "%-d/%-m %_H %^a %-I %Q %")
    for wrong in (1e30, [], "text of no date"):
        yield "strftime", (wrong,)


GRAINS = {"os_family": "Debian", "os": "Debian", "roles": ["web", "db"], "osmajorrelease": 12, "a": {"b": "Red*"}, "none": None}


def filter_by(lookup_dict, grain="os_family", merge=None, default="default", base=None):
    import salt.utils.data

    return salt.utils.data.filter_by(lookup_dict, grain, GRAINS, merge, default, base)


def defaults_merge(dest, src, merge_lists=False, in_place=True, convert_none=True):
    import salt.modules.defaults

    return salt.modules.defaults.merge(dest, src, merge_lists, in_place, convert_none)


def defaults_update(dest, defaults, merge_lists=True, in_place=True, convert_none=True):
    import salt.modules.defaults

    return salt.modules.defaults.update(dest, defaults, merge_lists, in_place, convert_none)


def random_seed(range=10, hash=None):
    random.seed(hash)
    return random.randrange(range)


def random_int(start=1, end=10, seed=None):
    random.seed(seed)
    return random.randint(start, end)


def version_cmp(one, other):
    import subprocess

    for word, order in (("lt", -1), ("eq", 0), ("gt", 1)):
        if subprocess.run(["dpkg", "--compare-versions", one, word, other], stderr=subprocess.DEVNULL).returncode == 0:
            return order


def call_functions():
    import salt.utils.data
    import salt.utils.dictupdate
    import salt.utils.network

    def merge_all(objects, strategy="smart", renderer="yaml", merge_lists=False):
        merged = {}
        for one in objects:
            merged = salt.utils.dictupdate.merge(merged, one, strategy, renderer, merge_lists)
        return merged

    return {
        "grains.filter_by": filter_by,
        "slsutil.merge": salt.utils.dictupdate.merge,
        "slsutil.merge_all": merge_all,
        "slsutil.update": salt.utils.dictupdate.update,
        "defaults.merge": defaults_merge,
        "defaults.update": defaults_update,
        "random.seed": random_seed,
        "random.rand_int": random_int,
        "random.hash": salt.utils.data.hash,
        "file.join": os.path.join,
        "file.basename": os.path.basename,
        "file.dirname": os.path.dirname,
        "network.ip_in_subnet": lambda ip, cidr: salt.utils.network.in_subnet(cidr, ip),
        "network.calc_net": salt.utils.network.calc_net,
        "pkg.version_cmp": version_cmp,
    }


MAPS = [
    {"Debian": {"pkg": "redis-server", "l": [1]}, "RedHat": {"pkg": "redis"}, "default": {"pkg": "other"}, "base": {"x": 1, "pkg": "base", "sub": {"y": 1}, "l": [0]}},
    {"Deb*": {"glob": True}, "default": {"d": 1}},
    {"default": "text", "base": {"b": 1}},
    {"Debian": None, "default": {"d": 1}},
    {"web": {"role": "web"}, "db": {"role": "db"}},
    {12: {"int": 1}, "base": "scalar"},
    {},
]


def calls():
    for lookup in MAPS:
        for kwargs in ({}, {"merge": {"pkg": "mine", "sub": {"z": 2}, "l": [2]}}, {"merge": {}}, {"merge": None}, {"merge": "text"}, {"default": "web"}, {"base": "base"},
                       {"base": "base", "merge": {"sub": {"y": 3}}}, {"base": "nothing"}, {"grain": "roles"}, {"grain": "osmajorrelease"}, {"grain": "a:b"}, {"grain": "missing"}, {"grain": "none"},
                       {"grain": "missing", "default": None}, {"grain": "roles", "default": "db", "base": "base"}):
            yield "grains.filter_by", (lookup,), kwargs
    yield "grains.filter_by", ([1],)
    dicts_ = [{}, {"a": 1}, {"a": {"x": 1, "l": [1, 2]}, "b": [1]}, {"a": {"y": 2, "l": [2, 3, 3]}, "b": [1, 2], "c": None}, {"a": None}, {"b": {"q": 1}}, None, [1]]
    for one, other in itertools.product(dicts_, repeat=2):
        for kwargs in ({}, {"merge_lists": True}, {"strategy": "list"}, {"strategy": "overwrite"}, {"strategy": "overwrite", "merge_lists": True}, {"strategy": "unknown", "merge_lists": True}, {"strategy": "none"}):
            if isinstance(one, dict) and isinstance(other, dict):
                yield "slsutil.merge", (one, other), kwargs
        for kwargs in ({}, {"merge_lists": True}, {"recursive_update": False}):
            yield "slsutil.update", (one, other), kwargs
        for kwargs in ({}, {"merge_lists": True}, {"in_place": False}, {"convert_none": False}):
            yield "defaults.merge", (one, other), kwargs
    yield "slsutil.merge_all", (dicts_[:4],)
    yield "slsutil.merge_all", (dicts_[:4],), {"merge_lists": True}
    for nodes in ({"n1": {"a": 1}, "n2": None}, {}, None, {"n": {"a": {"x": [1]}}}):
        for below in ({"a": {"x": [0]}, "b": 2}, {}, None):
            for kwargs in ({}, {"merge_lists": False}, {"in_place": False}, {"convert_none": False}):
                yield "defaults.update", (nodes, below), kwargs
    for name in ("web1", "web1.example.org", "é", "x" * 100):
        for limit in (1, 2, 10, 60, 1440, 100000):
            yield "random.seed", (limit, name)
    for seed in (0, 1, 42, -42, 2**40, "text"):
        yield "random.rand_int", (1, 100), {"seed": seed}
        yield "random.rand_int", (), {"seed": seed}
    for text in ("a", "é"):
        yield "random.hash", (text,)
        yield "random.hash", (text, "md5")
        yield "random.hash", (text, "sha3_256")
        yield "random.hash", (text, "nothing")
    for parts in (("/a", "b"), ("a", "/b"), ("a/", "b", ""), ("",), ("", "a"), ("/", "x", "..", "y"), ()):
        yield "file.join", parts
    for path in ("/a/b", "/a/b/", "a", "", "/", "//a", "///", "a//b", "/a//"):
        yield "file.basename", (path,)
        yield "file.dirname", (path,)
    for address in ("10.0.0.1", "10.0.1.1", "::1", "x", ["10.0.5.5", "10.0.0.2"]):
        for net in ("10.0.0.0/24", "10.0.0.1/24", "::/64", "x"):
            yield "network.ip_in_subnet", (address, net)
    for args in (("10.0.0.1", "255.255.255.0"), ("10.0.0.1", 24), ("10.0.0.1/20",), ("10.0.0.1",), ("fe80::1/64",), ("x",), ("10.0.0.1", "0.0.0.255")):
        yield "network.calc_net", args
    versions = ["1.0", "1.0-1", "1.0-2", "1.0-10", "1:0.9", "1.0~rc1", "1.0~rc1-1", "1.0+dfsg", "1.0a", "1.0.1", "0", "2.10", "2.9", "1.0-1~bpo12+1", "1.0-1+b1", "1.0-1ubuntu1", "7.2.4-1", "09", "9", "1.-1", "a", "1.0~", "1.0~~"]
    for one, other in itertools.product(versions, repeat=2):
        yield "pkg.version_cmp", (one, other)


def fuzz_atom(chance, depth):
    roll = chance.random()
    if roll < 0.4:
        return chance.choice("abcA1_ -")
    if roll < 0.5:
        return chance.choice([".", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", r"\.", r"\n", r"\x61", r"\u00e9", "é", r"\-", r"\/", r"\065", r"\0"])
    if roll < 0.6:
        members = ["a", "b", "a-c", r"\d", r"\w", "-", "_", "A-Z", "0-9", r"\]", "é", r"\-"]
        return "[" + chance.choice(["", "^"]) + "".join(chance.choice(members) for _ in range(chance.randint(1, 3))) + "]"
    if roll < 0.66:
        return chance.choice(["^", "$", r"\A", r"\Z", r"\b", r"\B"])
    if roll < 0.7:
        return chance.choice([r"\1", r"\2", "(?P=n)", "(?(1)a|b)"])
    if depth <= 0:
        return "a"
    opening = ["(", "(", "(?:", "(?P<n>", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?s-i:"]
    return chance.choice(opening) + fuzz_alternatives(chance, depth - 1) + ")"


def fuzz_sequence(chance, depth):
    text = ""
    for _ in range(chance.randint(0, 3)):
        text += fuzz_atom(chance, depth)
        if chance.random() < 0.35:
            text += chance.choice(["*", "+", "?", "{1,2}", "{2}", "{0,}", "{,2}", "*?", "+?", "??", "{1,3}?", "*+", "{"])
    return text


def fuzz_alternatives(chance, depth):
    return "|".join(fuzz_sequence(chance, depth) for _ in range(chance.choice([1, 1, 1, 2, 3])))


def fuzz(seed, count):
    """Rows of [expression, text, replacement, error or null, match, search, all, sub]."""
    chance = random.Random(seed)

    def late(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    rows = []
    while len(rows) < count:
        pattern = ("(?i)" if chance.random() < 0.1 else "") + ("(?m)" if chance.random() < 0.05 else "") + fuzz_alternatives(chance, 3)
        text = "".join(chance.choice("aabbcAB1_ -\né😀") for _ in range(chance.randint(0, 8)))
        value = chance.choice(["x", r"<\1>", r"\g<0>", r"\g<n>", r"[\2]", "\\\\", r"\n"])
        signal.setitimer(signal.ITIMER_REAL, 1)
        try:
            try:
                regex = re.compile(pattern)
            except (re.error, OverflowError, RecursionError):
                rows.append([pattern, text, value, True])
                continue
            match, found = regex.match(text), regex.search(text)
            row = [pattern, text, value, None, match and [match.span(), match.groups()], found and [found.span(), found.groups()], [one.span() for one in regex.finditer(text)]]
            try:
                row.append(regex.sub(value, text))
            except (re.error, IndexError):
                row.append(None)
            rows.append(row)
        except TimeoutError:
            pass
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    return rows


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "fuzz":
        print(json.dumps(fuzz(int(sys.argv[2]), int(sys.argv[3])), ensure_ascii=False))
        sys.exit()
    FILTERS.update(call_functions())
    for subject in (calls, strings, lists, dicts, regexes, hashes, network, dates):
        record(subject.__name__, subject())
    with open(os.path.join(HERE, "fuzzed-regexes.json"), "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in fuzz(7, 1500)) + "\n]\n")

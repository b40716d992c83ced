"""Records how PyYAML's SafeLoader, with Salt's two differences, reads plain scalars: python3 record-scalars.py > scalars.json"""
import itertools, json, math, random, yaml

class Loader(yaml.SafeLoader):
    pass

def construct_int(loader, node):
    # Salt: leading zeros are dropped, and do not mean octal.
    value = node.value
    if value != "0" and value.startswith("0") and not value.startswith(("0b", "0x")):
        node.value = value.lstrip("0") or "0"
    return yaml.SafeLoader.construct_yaml_int(loader, node)

Loader.add_constructor("tag:yaml.org,2002:int", construct_int)
Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)
Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)

words = ["~", "null", "Null", "NULL", "nULL", "yes", "Yes", "YES", "yEs", "no", "No", "NO", "on", "On", "ON",
    "off", "Off", "OFF", "true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "y", "Y", "n", "N", "=", "<"]
numbers = ["0", "-0", "+0", "00", "000", "010", "0644", "0777", "08", "09", "-010", "+010", "0o17", "0O17", "1", "-1",
    "+1", "1_000", "1__0", "_1", "1_", "0b11", "0b", "0b2", "-0b101", "0x1f", "0X1F", "0xFF", "-0x10", "0x", "0xg", "0x_f",
    "12:30", "12:30:45", "1:60", "1:59", "01:30", "-1:30", "1:2:3:4", "190:20:30", "12:30.5", "1:1.", "22:22",
    "1.0", "1.", ".5", "-.5", "+.5", "0.0", "-0.0", "1.5e3", "1.5e+3", "1.e+3", "1e3", "1e+3", "1E+3", "1.0e3", "1.0E-2",
    "1_000.5", "1._5", "._5", ".", "..", ".e+3", ".inf", "-.inf", "+.inf", ".Inf", ".INF", ".iNF", "inf", ".nan", ".NaN", ".NAN",
    "nan", "1.2.3", "10.0.0.1", "2024-01-02", "2024-1-2", "2024-01-02 03:04:05", "2024-01-02T03:04:05Z", "9007199254740991",
    "9007199254740992", "9007199254740993", "123456789012345678901234567890", "-9007199254740993", "1e400", "1.0e+400",
    "3.141592653589793", "0.1", "100.10", "1.10", "22.04", "12.", "-12.", "0.", "00.5", "007.5", "1-2", "1+2", "+", "-x"]
random.seed(20)
made = {"".join(random.choice("0123456789_.:-+exbEo") for _ in range(random.randint(1, 7))) for _ in range(6000)}

def record(text):
    try:
        value = yaml.load("k: " + text, Loader=Loader)["k"]
    except Exception:
        return None
    if isinstance(value, bool) or value is None: return {"text": text, "type": type(value).__name__, "value": str(value)}
    if isinstance(value, float): return {"text": text, "type": "float", "value": repr(value)}
    if isinstance(value, (int, str)): return {"text": text, "type": type(value).__name__, "value": str(value)}
    return None

cases = [case for text in dict.fromkeys(words + numbers + sorted(made)) if (case := record(text))]
plain = [case for case in cases if case["type"] == "str" and case["text"] in made]
dropped = {case["text"] for case in plain[400:]}
print("[\n" + ",\n".join(json.dumps(case) for case in cases if case["text"] not in dropped) + "\n]")

"""Seconds of CPU that PyYAML's loaders take for each file: JSON, by name; for test/bench/yaml.ts."""
import json
import sys
import time

import yaml


def least(loader, text, rounds):
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        yaml.load(text, Loader=loader)
        best = min(best, time.process_time() - start)
    return best


texts = json.load(sys.stdin)
json.dump(
    {name: [least(yaml.CSafeLoader, text, 5), least(yaml.SafeLoader, text, 2)] for name, text in texts.items()}, sys.stdout
)

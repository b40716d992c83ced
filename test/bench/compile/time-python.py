"""Renders and loads the same trees with Jinja2 and PyYAML (C loader), warm: what of Salt's time is these two alone."""

import json
import sys
import time

import jinja2
import jinja2.sandbox
import yaml

loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
times = {}
for tree in json.load(sys.stdin):
    environment = jinja2.sandbox.SandboxedEnvironment
    env = environment(
        loader=jinja2.DictLoader(tree["files"]), undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"]
    )
    took = []
    for _ in range(9 if tree["states"] <= 1000 else 3):
        started = time.process_time()
        text = env.get_template("a.sls").render(pillar=tree["pillar"], grains={}, salt={})
        data = yaml.load(text, Loader=loader)
        took.append((time.process_time() - started) * 1000)
        assert len(data) == tree["states"], len(data)
    times[tree["name"]] = sorted(took)[len(took) // 2]
print(json.dumps(times))

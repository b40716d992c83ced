"""The background daemon of a customer: leaves a session file every few seconds, as a queue worker leaves its marks."""
import pathlib
import sys
import time

folder = pathlib.Path("/var/lib/app") / sys.argv[1]
while True:
    (folder / f"session-{int(time.time()) // 60}").touch()
    time.sleep(5)

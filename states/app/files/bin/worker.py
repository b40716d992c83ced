"""The background daemon of the example: leaves a session file every few seconds, as a queue worker leaves its marks."""
import pathlib
import time

folder = pathlib.Path("/var/lib/app")
while True:
    (folder / f"session-{int(time.time()) // 60}").touch()
    time.sleep(5)

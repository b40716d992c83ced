"""The worker of one queue: takes its jobs from Redis, one after the other, and counts them."""
import sys

from queue_client import Redis

queue = sys.argv[1]
redis = Redis()
while True:
    if redis.command("BLPOP", f"queue:{queue}", "30"):
        redis.command("INCR", f"done:{queue}")

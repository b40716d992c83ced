"""Just enough of the protocol of Redis for the example, so that it needs no package but Python."""
import os
import socket


class Redis:
    def __init__(self):
        connection = socket.create_connection(("127.0.0.1", int(os.environ["REDIS_PORT"])))
        self.stream = connection.makefile("rwb")
        self.command("AUTH", os.environ["REDIS_PASSWORD"])

    def command(self, *words):
        parts = [word.encode() for word in words]
        self.stream.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
        self.stream.flush()
        return self.answer()

    def answer(self):
        line = self.stream.readline()
        if not line:
            raise ConnectionError("Redis has closed the connection")
        kind, rest = line[:1], line[1:].strip()
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"*":
            return [self.answer() for _ in range(int(rest))]
        if kind == b"$":
            return self.stream.read(int(rest) + 2)[:-2] if int(rest) >= 0 else None
        return rest

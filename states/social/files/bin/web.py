"""The web process of the node: puts what is posted to /QUEUE into that queue, and says what it is for the rest."""
import http.server
import os

from queue_client import Redis


class Node(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, f"node of {os.environ['SOCIAL_LEVEL']}, {os.environ['DATABASE_POOL']} connections\n")

    def do_POST(self):
        job = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Redis().command("RPUSH", f"queue:{self.path[1:]}", job.decode())
        self.answer(202, "queued\n")

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["SOCIAL_PORT"])), Node).serve_forever()

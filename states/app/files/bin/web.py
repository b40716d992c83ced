"""The web process of the example: answers every request with its level."""
import http.server
import os


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"level {os.environ['APP_LEVEL']}, workers {os.environ['APP_WORKERS']}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["APP_PORT"])), Page).serve_forever()

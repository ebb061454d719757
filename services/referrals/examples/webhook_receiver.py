"""Receives signed webhooks (pip install standardwebhooks): checks, answers at once, prints what it was told.

SECRET (shown once, when the webhook is made) and PORT come from the environment. Behind your own https in production.
"""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError


class Receiver(BaseHTTPRequestHandler):
    """One notice a request."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            notice = Webhook(os.environ["SECRET"]).verify(
                body, {name.lower(): self.headers[name] for name in self.headers}
            )
        except WebhookVerificationError:
            self.send_response(400)
            self.end_headers()
            return
        # Store it here. The number tells what is missing and what came twice.
        print(notice["data"].get("number"), notice["type"], notice["data"].get("state"), flush=True)
        self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver).serve_forever()

"""Receives FHIR notifications with nothing but Python; PORT comes from the environment."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Receiver(BaseHTTPRequestHandler):
    """One notification a request: a Bundle whose first entry says which subscription, why, and which number."""

    def do_POST(self) -> None:
        bundle = json.loads(self.rfile.read(int(self.headers["content-length"])))
        is_ours = self.headers["authorization"] == "Bearer of-your-own"
        self.send_response(204 if is_ours else 401)
        self.end_headers()
        if not is_ours:
            return
        said = {each["name"]: each for each in bundle["entry"][0]["resource"]["parameter"]}
        events = [
            {part["name"]: part for part in each["part"]}
            for each in bundle["entry"][0]["resource"]["parameter"]
            if each["name"] == "notification-event"
        ]
        for event in events:
            print(event["event-number"]["valueString"], event["focus"]["valueReference"]["reference"], flush=True)
        if not events:
            print(said["type"]["valueCode"], flush=True)


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver).serve_forever()

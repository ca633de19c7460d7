"""A backend that onboards its customers over the gateway's HTTP API, and receives each change by a signed callback.

POST /customers/<id>/onboarding  {"email": "...", "fullName": "..."}  starts or resumes; returns the token for the customer's device
GET  /customers/<id>/onboarding                                       returns the outcome and the events received so far
POST /callbacks                                                       receives callbacks

It needs only the standard library. The package `standardwebhooks` verifies signatures, too.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import signal
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GATEWAY_URL = os.environ["GATEWAY_URL"]
API_KEY = os.environ["GATEWAY_API_KEY"]
PROJECT = os.environ["VERIFIK_PROJECT"]
PROJECT_FLOW = os.environ["VERIFIK_PROJECT_FLOW"]
SECRET = base64.b64decode(os.environ["CALLBACK_SECRET"].removeprefix("whsec_"))

TOLERANCE_S = 5 * 60

# A real backend stores events in its database, by their sequence numbers.
events: dict[str, dict[int, dict]] = {}
lock = threading.Lock()


def is_signed(headers, body: bytes) -> bool:
    """Verifies the signature of a callback: https://www.standardwebhooks.com."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    signatures = [part.removeprefix("v1,") for part in headers.get("webhook-signature", "").split(" ")]
    # During a rotation of the secret, there are two signatures.
    return any(hmac.compare_digest(expected, signature) for signature in signatures)


def start(customer: str, email: str, full_name: str) -> tuple[int, dict]:
    """Starts the customer's onboarding. Safe to repeat: the same reference returns the same onboarding with a live token."""
    request = urllib.request.Request(
        f"{GATEWAY_URL}/v1/onboardings",
        method="POST",
        headers={"authorization": f"Bearer {API_KEY}", "content-type": "application/json"},
        data=json.dumps(
            {
                "reference": customer,
                "project": PROJECT,
                "projectFlow": PROJECT_FLOW,
                "contact": {"email": email},
                "fullName": full_name,
            }
        ).encode(),
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        # A problem document (RFC 9457): `code`, `detail` and, for wrong fields, `errors`.
        return error.code, json.load(error)


def remember(event: dict) -> None:
    """Stores an event. It may arrive more than once, with the same sequence number."""
    data = event["data"]
    with lock:
        events.setdefault(data["id"], {})[data["sequence"]] = event


def status_of(customer: str) -> dict:
    with lock:
        received = [event for _, event in sorted(events.get(customer, {}).items())]
    decisions = [event["data"]["decision"]["outcome"] for event in received if event["type"] == "onboarding.ended"]
    return {"outcome": decisions[-1] if decisions else None, "events": [event["type"] for event in received]}


class Backend(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/callbacks":
            if not is_signed(self.headers, body):
                return self.answer(401, {"error": "the signature is missing or wrong"})
            remember(json.loads(body))
            return self.answer(200, {})
        if customer := self.customer():
            fields = json.loads(body)
            status, answer = start(customer, fields["email"], fields["fullName"])
            return self.answer(status, answer)
        return self.answer(404, {"error": "no such path"})

    def do_GET(self) -> None:
        if customer := self.customer():
            return self.answer(200, status_of(customer))
        return self.answer(404, {"error": "no such path"})

    def customer(self) -> str:
        match = re.fullmatch(r"/customers/([A-Za-z0-9._:-]{1,128})/onboarding", self.path)
        return match[1] if match else ""

    def answer(self, status: int, value: dict) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args) -> None:
        """Logs nothing, because paths contain customer ids."""


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3001"))), Backend)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()

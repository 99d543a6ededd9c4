"""A server on this machine that answers each request as a test wrote it down."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fpcli.weights.hashing import HashKind, PublishedHash
from fpcli.weights.registry import Entry, Kind

CONTENT = bytes(range(256)) * 3000
SIZE = len(CONTENT)
HALF = SIZE // 2
TAG = '"one-state"'
NAME = "some.pth"


def entry_at(url):
    """A registered file of CONTENT that is fetched there."""
    return Entry(
        name="some-weights",
        kind=Kind.START,
        file=NAME,
        url=url,
        hash=PublishedHash(HashKind.SHA256, hashlib.sha256(CONTENT).hexdigest()),
        size_mb=0.8,
        licence="MIT",
        terms="",
        origin="this test",
        purpose="none",
        trained_on="nothing",
    )


def answer(status, body=b"", **headers):
    """An answer's bytes; `Content_Length=None` and the like leave a header out."""
    fields = {"Content-Length": len(body), "Accept-Ranges": "bytes", "ETag": TAG}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} as written"]
    lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def whole(**headers):
    """All of CONTENT."""
    return answer(200, CONTENT, **headers)


def cut(**headers):
    """CONTENT as if all came, which ends in the middle."""
    return whole(**headers)[:-HALF]


def rest(first=HALF, body=CONTENT[HALF:], total=SIZE, **headers):
    """What is missing of CONTENT after its first half, or what pretends to be."""
    place = f"bytes {first}-{first + len(body) - 1}/{total}"
    return answer(206, body, **({"Content_Range": place} | headers))


class ScriptedServer(ThreadingHTTPServer):
    """Sends the next of `answers` to each request, and keeps the headers of each.

    An answer is bytes, or what writes them to a stream until an event says that the test is over.
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = []
        self.asked = []
        self.over = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/some"

    def handle_error(self, request, client_address):
        """A client that hangs up is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.headers)
        self.close_connection = True
        said = self.server.answers.pop(0)
        if callable(said):
            said(self.wfile, self.server.over)
        else:
            self.wfile.write(said)

    def log_message(self, *args):
        pass

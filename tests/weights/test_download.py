"""Downloads from a server of our own: only the published bytes ever get the file's name."""

import hashlib
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from fpcli.errors import ExitCode, WeightsError
from fpcli.weights.download import SecureRedirects, download, secure_opener
from fpcli.weights.hashing import HashKind, PublishedHash
from fpcli.weights.registry import Entry, Kind

CONTENT = b"weights " * 100_000


class Server(BaseHTTPRequestHandler):
    """Answers each path in its own, good or bad, way."""

    def do_GET(self):
        if self.path == "/missing":
            self.send_error(404)
            return
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/good")
            self.end_headers()
            return
        self.send_response(200)
        body = b"something else" if self.path == "/other" else CONTENT
        if self.path != "/unannounced":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path == "/cut" else body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    with HTTPServer(("127.0.0.1", 0), Server) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


@pytest.fixture
def opener():
    """Return an opener that also knows http, for the test's own server, and no proxy."""
    return urllib.request.build_opener(SecureRedirects(), urllib.request.ProxyHandler({}))


@pytest.fixture(autouse=True)
def online(monkeypatch):
    monkeypatch.delenv("FINEPARSER_OFFLINE", raising=False)


def entry_at(url):
    return Entry(
        name="some-weights",
        kind=Kind.START,
        file="some.pth",
        url=url,
        hash=PublishedHash(HashKind.SHA256, hashlib.sha256(CONTENT).hexdigest()),
        size_mb=0.8,
        licence="MIT",
        terms="",
        origin="this test",
        purpose="none",
        trained_on="nothing",
    )


@pytest.mark.parametrize("path", ["/good", "/unannounced"])
def test_the_published_bytes_get_their_name(server, opener, tmp_path, path):
    seen = []
    target = download(
        entry_at(server + path),
        tmp_path / "cache",
        opener=opener,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert target.read_bytes() == CONTENT
    assert [file.name for file in target.parent.iterdir()] == ["some.pth"]
    assert seen[-1] == (len(CONTENT), len(CONTENT) if path == "/good" else None)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/other", "instead of"),  # whole, but not what was published
        ("/cut", "the connection ended"),
        ("/missing", "404"),
        ("/elsewhere", "not https"),
    ],
)
def test_anything_else_leaves_nothing_behind(server, opener, tmp_path, path, reason):
    entry = entry_at(server + path)
    with pytest.raises(WeightsError, match=reason) as caught:
        download(entry, tmp_path, opener=opener)
    assert list(tmp_path.iterdir()) == []
    assert caught.value.exit_code is ExitCode.WEIGHTS
    for needed in (entry.url, entry.hash.value, str(tmp_path / "some.pth")):
        assert needed in caught.value.hint


def test_an_interruption_leaves_nothing_behind(server, opener, tmp_path):
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(entry_at(server + "/good"), tmp_path, opener=opener, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_good_file_that_is_here_is_not_fetched_again(tmp_path):
    (tmp_path / "some.pth").write_bytes(CONTENT)
    entry = entry_at("https://nobody.invalid/some.pth")
    assert download(entry, tmp_path, opener=NoNetwork()) == tmp_path / "some.pth"


def test_a_damaged_file_that_is_here_is_replaced(server, opener, tmp_path):
    (tmp_path / "some.pth").write_bytes(CONTENT[:-1])
    assert download(entry_at(server + "/good"), tmp_path, opener=opener).read_bytes() == CONTENT


def test_a_failed_fetch_leaves_the_file_that_was_there(server, opener, tmp_path):
    (tmp_path / "some.pth").write_bytes(b"older")
    with pytest.raises(WeightsError):
        download(entry_at(server + "/cut"), tmp_path, opener=opener)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"older"]


class NoNetwork:
    """Fails the test if anything is opened."""

    def open(self, url, *, timeout):
        pytest.fail(f"{url.full_url} was opened")


def test_offline_opens_nothing_and_says_how_to_bring_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("FINEPARSER_OFFLINE", "1")
    entry = entry_at("https://somewhere.invalid/some.pth")
    with pytest.raises(WeightsError, match="FINEPARSER_OFFLINE") as caught:
        download(entry, tmp_path / "cache", opener=NoNetwork())
    for needed in (entry.url, entry.hash.value, str(tmp_path / "cache" / "some.pth")):
        assert needed in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_no_network_is_said_in_a_sentence(tmp_path):
    class Unreachable:
        def open(self, url, *, timeout):
            raise urllib.error.URLError("Name or service not known")

    with pytest.raises(WeightsError, match="Name or service not known") as caught:
        download(entry_at("https://somewhere.invalid/x"), tmp_path, opener=Unreachable())
    assert "https://somewhere.invalid/x" in caught.value.hint


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x", "file:///etc/hostname", "ftp://127.0.0.1/x"]
)
def test_the_usual_opener_knows_https_only(tmp_path, url):
    with pytest.raises(WeightsError, match="unknown url type"):
        download(entry_at(url), tmp_path, opener=secure_opener())


def test_what_comes_with_the_program_is_not_downloaded(tmp_path):
    with pytest.raises(WeightsError, match="come with the program"):
        download(entry_at(None), tmp_path, opener=NoNetwork())

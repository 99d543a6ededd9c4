"""Downloads from a server of our own: only the published bytes ever get the file's name."""

import io
import urllib.error
import urllib.request

import pytest
from served import CONTENT, NAME, SIZE, answer, cut, entry_at, whole

from fpcli.errors import ExitCode, WeightsError
from fpcli.weights.connection import SecureRedirects, secure_opener
from fpcli.weights.download import download


def chunked(*chunks, **headers):
    """An answer in chunks, which announces no length."""
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return answer(200, Content_Length=None, Transfer_Encoding="chunked", **headers) + body


@pytest.mark.parametrize(
    ("good", "total"),
    [
        (whole(), SIZE),
        (whole(Content_Length=None), None),
        (whole(Content_Length=-5), None),
        (whole(Content_Length="9" * 5000), None),
        (chunked(CONTENT[:5], CONTENT[5:], b""), None),
        (whole(ETag='"' + "x" * 999, Last_Modified="today", Accept_Ranges="bites"), SIZE),
        (whole() + b"more than announced", SIZE),
    ],
    ids=[
        "announced",
        "unannounced",
        "negative",
        "enormous",
        "in chunks",
        "odd headers",
        "and more",
    ],
)
def test_the_published_bytes_get_their_name(server, opener, tmp_path, good, total):
    seen = []
    server.answers = [good]
    target = download(
        entry_at(server.url),
        tmp_path / "cache",
        opener=opener,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert target.read_bytes() == CONTENT
    assert [file.name for file in target.parent.iterdir()] == [NAME]
    assert seen[-1] == (SIZE, total)


def endless(stream, over):
    """An answer that never ends, as long as somebody listens."""
    stream.write(answer(200, Content_Length=None))
    while not over.is_set():
        stream.write(bytes(1 << 16))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (answer(200, b"something else"), "instead of"),
        (whole(Content_Length=SIZE - 1), "instead of"),
        (cut(Accept_Ranges=None), "the connection ended after 384000 of 768000 bytes"),
        (cut(Accept_Ranges="none"), "the connection ended after 384000 of 768000 bytes"),
        (cut(Content_Length=None), "instead of"),
        (chunked(CONTENT, Accept_Ranges=None)[:-9], "the connection ended before the file did"),
        (
            chunked(CONTENT, Accept_Ranges=None) + b"x\r\n",
            "the connection ended before the file did",
        ),
        (whole(Content_Length=10**9), "announces far more than was published"),
        (endless, "sends far more than was published"),
        (answer(404), "the server answers 404"),
        (answer(503), "the server answers 503"),
        (answer(204), "the server answers 204"),
        (answer(206, CONTENT), "does not say which"),
        (answer(206, CONTENT[9:], Content_Range="bytes 9-767999/768000"), "another part"),
        (whole(Content_Encoding="gzip"), "encoding"),
        (answer(302, Location="http://127.0.0.1:9/good"), "not https"),
        (answer(302, Location="file:///etc/hostname"), "302"),
        (answer(302, Location="data:,weights"), "302"),
        (answer(302, Location="https://["), "makes no sense"),
        (answer(302, Location="https://" + "a" * 99 + ".invalid/"), "makes no sense"),
        (answer(302), "302"),
        (b"", "the connection broke"),
        (b"no HTTP at all\r\n\r\n", "makes no sense"),
        (b"HTTP/1.1 200 OK\r\nX: " + bytes(1 << 17) + b"\r\n\r\n", "makes no sense"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n", "makes no sense"),
        (b"HTTP/1.1 500 " + b"oh no " * 2000 + b"\r\n\r\n", "500"),
    ],
)
def test_anything_else_ends_in_a_sentence_and_leaves_nothing(server, opener, tmp_path, bad, reason):
    server.answers = [bad]
    entry = entry_at(server.url)
    with pytest.raises(WeightsError, match=reason) as caught:
        download(entry, tmp_path, opener=opener)
    assert list(tmp_path.iterdir()) == []
    assert caught.value.exit_code is ExitCode.WEIGHTS
    assert len(caught.value.message.splitlines()) == 1
    assert len(caught.value.message) < 300
    for needed in (entry.url, entry.hash.value, str(tmp_path / NAME)):
        assert needed in caught.value.hint


def test_what_comes_with_a_redirect_is_not_read():
    class Endless(io.BytesIO):
        def read(self, size=-1):
            pytest.fail("it was read")

    body = Endless()
    request = urllib.request.Request("https://somewhere.invalid/x", headers={"Range": "bytes=5-"})
    followed = SecureRedirects().redirect_request(
        request, body, 302, "Found", {}, "https://elsewhere.invalid/x"
    )
    assert body.closed
    assert followed.get_header("Range") == "bytes=5-"


def test_an_interruption_leaves_nothing_that_cannot_be_continued(server, opener, tmp_path):
    def interrupt(done, total):
        raise KeyboardInterrupt

    server.answers = [whole(Accept_Ranges=None)]
    with pytest.raises(KeyboardInterrupt):
        download(entry_at(server.url), tmp_path, opener=opener, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_good_file_that_is_here_is_not_fetched_again(tmp_path):
    (tmp_path / NAME).write_bytes(CONTENT)
    entry = entry_at("https://nobody.invalid/some.pth")
    assert download(entry, tmp_path, opener=NoNetwork()) == tmp_path / NAME


def test_a_damaged_file_that_is_here_is_replaced(server, opener, tmp_path):
    (tmp_path / NAME).write_bytes(CONTENT[:-1])
    server.answers = [whole()]
    assert download(entry_at(server.url), tmp_path, opener=opener).read_bytes() == CONTENT


def test_a_failed_fetch_leaves_the_file_that_was_there(server, opener, tmp_path):
    (tmp_path / NAME).write_bytes(b"older")
    server.answers = [cut(Accept_Ranges=None)]
    with pytest.raises(WeightsError):
        download(entry_at(server.url), tmp_path, opener=opener)
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
    for needed in (entry.url, entry.hash.value, str(tmp_path / "cache" / NAME)):
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

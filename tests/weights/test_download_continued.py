"""A download that broke off goes on where it did, if what follows belongs to it."""

import itertools
import resource

import pytest
from served import CONTENT, HALF, NAME, SIZE, TAG, answer, cut, entry_at, rest, whole

from fpcli.errors import WeightsError
from fpcli.lock import take
from fpcli.weights import connection
from fpcli.weights.begun_file import begun_files
from fpcli.weights.download import download

GONE = answer(503)
KEPT = {NAME + ".part", NAME + ".part.json"}


@pytest.fixture
def fetch(server, opener, tmp_path):
    """Return what fetches the file with the given answers; all of them must be asked for."""

    def run(*answers, **options):
        server.asked.clear()
        server.answers = list(answers)
        try:
            return download(entry_at(server.url), tmp_path, opener=opener, **options)
        finally:
            assert server.answers == []

    return run


def names(folder):
    return {file.name for file in folder.iterdir()}


def ranges(server):
    return [headers["Range"] for headers in server.asked]


def test_it_goes_on_at_once_where_it_broke_off(server, fetch, tmp_path):
    seen = []
    target = fetch(cut(), rest(), progress=lambda *counts: seen.append(counts))
    assert target.read_bytes() == CONTENT
    assert names(tmp_path) == {NAME}
    assert ranges(server) == [None, f"bytes={HALF}-"]
    assert server.asked[1]["If-Range"] == TAG
    assert seen == sorted(seen)
    assert seen[-1] == (SIZE, SIZE)


def test_it_goes_on_the_next_time_it_is_asked_for(server, fetch, tmp_path):
    with pytest.raises(WeightsError, match="503") as caught:
        fetch(cut(), GONE)
    assert names(tmp_path) == KEPT
    assert "run it again, to go on after 0.4 MB" in caught.value.hint
    with pytest.raises(WeightsError, match="503"):
        fetch(GONE)
    assert fetch(rest()).read_bytes() == CONTENT
    assert ranges(server) == [f"bytes={HALF}-"]
    assert names(tmp_path) == {NAME}


def test_a_part_of_what_is_missing_is_taken_too(server, fetch):
    middle = rest(body=CONTENT[HALF : HALF + 1000])
    assert fetch(cut(), middle, rest(HALF + 1000, CONTENT[HALF + 1000 :])).read_bytes() == CONTENT
    assert ranges(server)[2] == f"bytes={HALF + 1000}-"


def test_a_server_that_ends_again_and_again_is_left(fetch, tmp_path):
    bytewise = [rest(HALF + n, CONTENT[HALF + n : HALF + n + 1]) for n in range(4)]
    with pytest.raises(WeightsError, match="the connection ended after 384004 of 768000 bytes"):
        fetch(cut(), *bytewise)
    assert names(tmp_path) == KEPT


@pytest.mark.parametrize("tag", [None, 'W/"weak"', "no tag", '"a"\r\n b'])
def test_only_a_tag_that_vouches_for_every_byte_is_a_condition(server, fetch, tag):
    assert fetch(cut(ETag=tag), rest(ETag=tag)).read_bytes() == CONTENT
    assert server.asked[1]["If-Range"] is None


@pytest.mark.parametrize("tag", [TAG, '"another-state"'])
def test_a_server_that_sends_all_again_is_followed(fetch, tmp_path, tag):
    assert fetch(cut(), whole(ETag=tag)).read_bytes() == CONTENT
    assert names(tmp_path) == {NAME}


UNFIT = {
    "another beginning": rest(first=HALF - 1),
    "behind the missing": rest(first=HALF + 1, total=SIZE + 1),
    "another size": rest(total=SIZE + 1),
    "more than the whole": rest(Content_Range=f"bytes {HALF}-{SIZE}/{SIZE}"),
    "backwards": rest(Content_Range=f"bytes {HALF}-{HALF - 2}/{SIZE}"),
    "no place": rest(Content_Range=None),
    "no numbers": rest(Content_Range="bytes a-b/c"),
    "other units": rest(Content_Range=f"lines {HALF}-{SIZE - 1}/{SIZE}"),
    "enormous numbers": rest(Content_Range=f"bytes {HALF}-{'9' * 5000}/*"),
    "another length": rest(Content_Length=HALF - 1),
    "another tag": rest(ETag='"another-state"'),
    "another day": rest(Last_Modified="Tue, 24 Nov 2026 00:00:00 GMT"),
    "compressed": rest(Content_Encoding="br"),
    "refused": answer(416, Content_Range=f"bytes */{HALF}"),
    "other bytes": rest(body=bytes(HALF)),
}
BEGUN = cut(Last_Modified="Mon, 23 Nov 2026 00:00:00 GMT")


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_what_does_not_belong_to_it_is_not_added(server, fetch, tmp_path, unfit):
    assert fetch(BEGUN, unfit, whole()).read_bytes() == CONTENT
    assert ranges(server)[2] is None
    assert names(tmp_path) == {NAME}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_nothing_is_kept_that_cannot_be_continued(fetch, tmp_path, unfit):
    with pytest.raises(WeightsError) as caught:
        fetch(BEGUN, unfit, answer(404))
    assert names(tmp_path) == set()
    assert "to go on" not in caught.value.hint


def test_wrong_bytes_are_fetched_anew_once(fetch, tmp_path):
    with pytest.raises(WeightsError, match="instead of"):
        fetch(cut(), rest(body=bytes(HALF)), answer(200, bytes(SIZE)))
    assert names(tmp_path) == set()


def test_an_interrupted_download_is_continued(server, fetch, tmp_path):
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(whole(), progress=interrupt)
    assert names(tmp_path) == KEPT
    done = begun_files(tmp_path / NAME)[0].stat().st_size
    assert fetch(rest(done, CONTENT[done:])).read_bytes() == CONTENT
    assert ranges(server) == [f"bytes={done}-"]


def test_what_was_whole_when_the_program_was_killed_is_not_fetched_again(fetch, tmp_path):
    with pytest.raises(WeightsError):
        fetch(cut(), GONE)
    begun_files(tmp_path / NAME)[0].write_bytes(CONTENT)
    assert fetch().read_bytes() == CONTENT
    assert names(tmp_path) == {NAME}


@pytest.mark.parametrize("notes", [None, "", "[]", '{"url": 1}', "another's"])
def test_bytes_of_unknown_origin_are_not_continued(server, fetch, tmp_path, notes):
    with pytest.raises(WeightsError):
        fetch(cut(), GONE)
    file = begun_files(tmp_path / NAME)[1]
    if notes is None:
        file.unlink()
    else:
        file.write_text(file.read_text().replace("/some", "/x") if notes == "another's" else notes)
    assert fetch(whole()).read_bytes() == CONTENT
    assert ranges(server) == [None]


def stalled(first):
    """An answer that stops coming and does not end."""

    def send(stream, over):
        stream.write(first)
        over.wait()

    return send


def test_a_server_that_stalls_is_left_and_its_bytes_kept(fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "TIMEOUT_S", 1.0)
    with pytest.raises(WeightsError, match="nothing came for 1 s"):
        fetch(stalled(cut()), stalled(b"HTTP/1.1 "))
    assert names(tmp_path) == KEPT


def test_a_server_that_drips_is_left(fetch, tmp_path, monkeypatch):
    def drip(stream, over):
        stream.write(answer(200, Content_Length=SIZE, Accept_Ranges=None))
        while not over.is_set():
            stream.write(b"x")

    ticks = itertools.count(step=10_000)
    monkeypatch.setattr(connection, "monotonic", lambda: next(ticks))
    with pytest.raises(WeightsError, match="fewer than 1000 bytes a second"):
        fetch(drip)
    assert names(tmp_path) == set()


def test_a_full_disk_is_freed(fetch, tmp_path):
    """The system refuses more than half of the file, as it does where no room is left."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (HALF, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            fetch(whole())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert names(tmp_path) == set()


def test_two_programs_do_not_fetch_one_file(fetch, tmp_path):
    with begun_files(tmp_path / NAME)[0].open("wb") as other:
        take(other.fileno())
        with pytest.raises(WeightsError, match="Another program is fetching"):
            fetch()

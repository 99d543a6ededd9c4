"""A scripted server, an opener for it, and a network that may be used."""

import threading
import urllib.request

import pytest
from served import ScriptedServer

from fpcli.weights.connection import SecureRedirects


@pytest.fixture
def server():
    with ScriptedServer() as running:
        thread = threading.Thread(target=running.serve_forever, args=[0.01], daemon=True)
        thread.start()
        yield running
        running.over.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def opener():
    """Return an opener that also knows http, for the test's own server, and no proxy."""
    return urllib.request.build_opener(SecureRedirects(), urllib.request.ProxyHandler({}))


@pytest.fixture(autouse=True)
def online(monkeypatch):
    monkeypatch.delenv("FINEPARSER_OFFLINE", raising=False)

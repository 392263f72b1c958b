"""A chat endpoint is asked only where one is named, and its failures are clear."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from labelqa.errors import LabelqaError
from labelqa.io.endpoint import ask_endpoint


@pytest.fixture
def server():
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(
                (self.path, dict(self.headers), json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            )
            body = json.dumps({"choices": [{"message": {"content": "a rule"}}]} if self.path.startswith("/v1") else [])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

    running = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", seen
    running.shutdown()
    running.server_close()


def test_the_answer_of_a_chat_endpoint_is_returned(server, monkeypatch):
    address, seen = server
    monkeypatch.setenv("LABELQA_LLM_URL", f"{address}/v1/")
    monkeypatch.setenv("LABELQA_LLM_KEY", "secret")
    monkeypatch.setenv("LABELQA_LLM_MODEL", "small")
    assert ask_endpoint("which?") == "a rule"
    path, headers, body = seen[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert body == {"model": "small", "messages": [{"role": "user", "content": "which?"}]}


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "localhost:8000"])
def test_no_endpoint_is_one_clear_message(monkeypatch, address):
    monkeypatch.setenv("LABELQA_LLM_URL", address)
    with pytest.raises(LabelqaError, match="LABELQA_LLM_URL"):
        ask_endpoint("which?")


def test_an_answer_in_another_form_is_said_so(server, monkeypatch):
    monkeypatch.setenv("LABELQA_LLM_URL", f"{server[0]}/other")
    with pytest.raises(LabelqaError, match="did not answer as a chat endpoint does"):
        ask_endpoint("which?")


def test_an_endpoint_that_is_not_there_is_said_so(monkeypatch):
    monkeypatch.setenv("LABELQA_LLM_URL", "http://127.0.0.1:9")
    with pytest.raises(LabelqaError, match="cannot be reached"):
        ask_endpoint("which?")

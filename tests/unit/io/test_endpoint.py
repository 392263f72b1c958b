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
            if self.path.startswith("/moved"):
                self.send_response(302)
                self.send_header("Location", "/v1/chat/completions")
                self.end_headers()
                return
            said = {"/v1/chat/completions": "a rule", "/empty/chat/completions": None}.get(self.path, 7)
            body = json.dumps({"choices": [{"message": {"content": said}}]})
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


def test_no_redirect_is_followed_so_that_the_key_stays_with_the_endpoint(server, monkeypatch):
    monkeypatch.setenv("LABELQA_LLM_URL", f"{server[0]}/moved")
    monkeypatch.setenv("LABELQA_LLM_KEY", "secret")
    with pytest.raises(LabelqaError, match="cannot be reached"):
        ask_endpoint("which?")
    assert len(server[1]) == 1


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "localhost:8000", "http://a b/v1", "http://[/v1"])
def test_no_endpoint_is_one_clear_message(monkeypatch, address):
    monkeypatch.setenv("LABELQA_LLM_URL", address)
    with pytest.raises(LabelqaError, match="LABELQA_LLM_URL"):
        ask_endpoint("which?")


@pytest.mark.parametrize("place", ["other", "empty"])
def test_an_answer_in_another_form_is_said_so(server, monkeypatch, place):
    monkeypatch.setenv("LABELQA_LLM_URL", f"{server[0]}/{place}")
    with pytest.raises(LabelqaError, match="did not answer as a chat endpoint does"):
        ask_endpoint("which?")


def test_an_endpoint_that_is_not_there_is_said_so(monkeypatch):
    monkeypatch.setenv("LABELQA_LLM_URL", "http://127.0.0.1:9")
    with pytest.raises(LabelqaError, match="cannot be reached"):
        ask_endpoint("which?")

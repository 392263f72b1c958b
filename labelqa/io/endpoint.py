"""One question to an OpenAI-compatible chat endpoint that the user names by an environment variable.

Nothing is sent unless a user asks for it in that call.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from labelqa.errors import EngineError, ParameterError, Problem

URL, MODEL, KEY = "LABELQA_LLM_URL", "LABELQA_LLM_MODEL", "LABELQA_LLM_KEY"
SECONDS = 120
LONGEST = 4_000_000  # bytes of an answer


def ask_endpoint(prompt: str) -> str:
    """Send a prompt and return the answer.

    Parameters
    ----------
    prompt : str
        The question, sent as one message of the user.

    Raises
    ------
    ParameterError
        If the environment names no endpoint, or no http or https address.
    EngineError
        If it cannot be reached or answers in another form.
    """
    request = _request(prompt)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            content = json.loads(answer.read(LONGEST))
        return str(content["choices"][0]["message"]["content"])
    except (urllib.error.URLError, OSError) as error:
        raise _failed(f"cannot be reached ({getattr(error, 'reason', error)})") from error
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise _failed("did not answer as a chat endpoint does") from error


def _request(prompt: str) -> urllib.request.Request:
    base = os.environ.get(URL, "").strip().rstrip("/")
    if urlsplit(base).scheme not in ("http", "https"):
        raise ParameterError(
            Problem(
                what=f"the environment variable {URL} names no endpoint" if not base else f"{URL} is no web address",
                parameter=URL,
                value=base,
                allowed=("the base address of an OpenAI-compatible API, for example http://localhost:11434/v1",),
                next_step="Set it, or leave --ask-model out and give the prompt to a model yourself.",
            )
        )
    body = {"model": os.environ.get(MODEL, "default"), "messages": [{"role": "user", "content": prompt}]}
    headers = {"Content-Type": "application/json"}
    if os.environ.get(KEY):
        headers["Authorization"] = f"Bearer {os.environ[KEY]}"
    return urllib.request.Request(f"{base}/chat/completions", json.dumps(body).encode(), headers)


def _failed(what: str) -> EngineError:
    return EngineError(
        Problem(
            what=f"the endpoint of {URL} {what}",
            parameter=URL,
            next_step=f"Check {URL}, {MODEL} and {KEY}, or give the prompt to a model yourself.",
        )
    )

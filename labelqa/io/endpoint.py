"""One question to an OpenAI-compatible chat endpoint that the user names by an environment variable.

Nothing is sent unless a user asks for it in that call.
"""

from __future__ import annotations

import json
import os
import re
import urllib.request
from http.client import HTTPException
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
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=SECONDS) as answer:
            content = json.loads(answer.read(LONGEST))["choices"][0]["message"]["content"]
    except (OSError, HTTPException) as error:  # an error of urllib is an OSError
        raise _failed(f"cannot be reached ({getattr(error, 'reason', error)})") from error
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise _failed("did not answer as a chat endpoint does") from error
    if not isinstance(content, str):
        raise _failed("did not answer as a chat endpoint does")
    return content


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: the key is for the endpoint that the user named, and for no other."""

    def redirect_request(self, *_: object) -> None:
        """Refuse; the caller then sees an HTTP error."""


def _request(prompt: str) -> urllib.request.Request:
    base = os.environ.get(URL, "").strip().rstrip("/")
    if not _is_address(base):
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


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)


def _failed(what: str) -> EngineError:
    return EngineError(
        Problem(
            what=f"the endpoint of {URL} {what}",
            parameter=URL,
            next_step=f"Check {URL}, {MODEL} and {KEY}, or give the prompt to a model yourself.",
        )
    )

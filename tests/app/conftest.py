"""Where the app lies, and the page as Streamlit's AppTest runs it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


@pytest.fixture(scope="session")
def main_page() -> Path:
    """The script that ``labelqa review`` starts, found as the command finds it."""
    spec = importlib.util.find_spec("labelqa_app")
    assert spec is not None
    assert spec.origin is not None, "labelqa_app was installed before it had files: run pip install -e . again"
    return Path(spec.origin).with_name("main.py")


@pytest.fixture
def open_page(main_page: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Run the page, with a labels file named at the start or without one."""
    testing = pytest.importorskip("streamlit.testing.v1", reason="the app extra (Streamlit) is not installed")

    def run(*arguments: str) -> AppTest:
        monkeypatch.setattr(sys, "argv", [str(main_page), *arguments])
        return testing.AppTest.from_file(str(main_page), default_timeout=60).run()

    yield run
    import streamlit as st

    st.cache_resource.clear()

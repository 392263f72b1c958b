"""What the server loads before the first browser asks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labelqa import review
from tests.app.projects import labels_file, support_project

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = sys.getswitchinterval()
    monkeypatch.setattr("streamlit.runtime.exists", lambda: True)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses of the projects that were opened."""
    found: list[str] = []
    real = review.open_project

    def open_project(url: str, name: str | None = None) -> review.Project:
        found.append(url)
        return real(url, name)

    monkeypatch.setattr(review, "open_project", open_project)
    return found


def test_the_project_is_open_before_the_first_page_asks_for_it(tmp_path: Path, opened: list[str]) -> None:
    from labelqa_app import session
    from labelqa_app.serve import load

    database = str(support_project(tmp_path))
    load([database])
    assert opened == [database]
    session.opened(database, None)
    assert opened == [database]


@pytest.mark.parametrize("content", [None, b"no database"])
def test_what_cannot_be_opened_is_left_to_the_page_to_tell(
    tmp_path: Path, opened: list[str], content: bytes | None
) -> None:
    from labelqa_app.serve import load

    path = labels_file(tmp_path)
    if content is not None:
        path.with_suffix(".labelqa.db").write_bytes(content)
    load([str(path)])
    assert opened == ([] if content is None else [str(path.with_suffix(".labelqa.db"))])

"""Size, shape and manners of the code, measured on its syntax tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(f for top in ("labelqa", "app") for f in (ROOT / top).rglob("*.py"))
TEXTS = sorted(
    f
    for f in ROOT.rglob("*")
    if f.is_file()
    and f.suffix in {".py", ".cfg", ".toml", ".md", ".jinja", ".html", ".css", ".j2", ".json", ".csv", ".txt", ""}
    and not any(p.startswith(".") and p not in {".ci", ".streamlit"} for p in f.relative_to(ROOT).parts)
    and not {"build", "dist", "venv", "__pycache__"}.intersection(f.relative_to(ROOT).parts)
)
MAX_MODULE, MAX_FUNCTION, MAX_NESTING = 400, 50, 3
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|Users|home/[a-z]+)/")
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match, ast.AsyncFor, ast.AsyncWith)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def lines_without_docstring(node: Function) -> int:
    doc = node.body[0] if ast.get_docstring(node) is not None else None
    return (node.end_lineno or 0) - node.lineno + 1 - ((doc.end_lineno or 0) - doc.lineno + 1 if doc else 0)


def nesting(node: ast.AST, depth: int = 0) -> int:
    """Return how many blocks lie inside each other; elif is not deeper than its if."""
    deepest = depth
    for child in ast.iter_child_nodes(node):
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        inner = depth + (isinstance(child, BLOCKS) and not is_elif)
        if not isinstance(child, Function | ast.ClassDef | ast.Lambda):
            deepest = max(deepest, nesting(child, inner))
    return deepest


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_modules_and_functions_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_MODULE
    long = {f.name: lines_without_docstring(f) for f in functions(path) if lines_without_docstring(f) > MAX_FUNCTION}
    deep = {f.name: nesting(f) for f in functions(path) if nesting(f) > MAX_NESTING}
    assert long == {}, f"more than {MAX_FUNCTION} lines"
    assert deep == {}, f"nested deeper than {MAX_NESTING}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_library_never_prints_and_takes_no_open_keywords(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    assert "print" not in calls
    scopes = [
        tree,
        *(n for n in tree.body if isinstance(n, ast.ClassDef)),
    ]
    public = [f for scope in scopes for f in scope.body if isinstance(f, Function) and not f.name.startswith("_")]
    open_ended = [f.name for f in public if f.args.kwarg is not None]
    assert open_ended == [], "public functions name their parameters"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_public_functions_and_classes_have_docstrings(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module says what it is for"
    public = [n for n in tree.body if isinstance(n, Function | ast.ClassDef) and not n.name.startswith("_")]
    overloads = [n for n in public if any(isinstance(d, ast.Name) and d.id == "overload" for d in n.decorator_list)]
    assert [n.name for n in public if n not in overloads and not ast.get_docstring(n)] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_library_has_no_global_random_state(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"np\.random\.(?!default_rng|Generator|SeedSequence|BitGenerator|PCG64)\w+", text)
    assert not re.search(r"^\s*(?:import random\b|from random import)", text, flags=re.MULTILINE)


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_no_file_names_a_path_of_one_machine(path: Path) -> None:
    found = MACHINE_PATH.search(path.read_text(encoding="utf-8", errors="replace"))
    assert found is None, f"mentions {found[0] if found else ''}"

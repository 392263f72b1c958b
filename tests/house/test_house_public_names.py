"""The public names: all there, none shadowed, one list in three places."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import labelqa

PACKAGE = Path(labelqa.__file__).parent
MODULES = sorted(m.name for m in pkgutil.walk_packages([str(PACKAGE)], "labelqa.") if not m.name.endswith("__main__"))
EXPORTED = sorted(set(labelqa.__all__) - {"__version__"})


def typed_imports() -> dict[str, str]:
    """Return name -> module of the imports under ``if TYPE_CHECKING`` in the package's __init__."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    froms = [n for n in block.body if isinstance(n, ast.ImportFrom)]
    return {(a.asname or a.name): str(n.module) for n in froms for a in n.names}


def section(doc: str, title: str) -> str:
    """Return the body of a numpydoc section, or an empty string."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", doc, flags=re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def test_every_public_name_is_usable_after_every_module_was_imported() -> None:
    for module in MODULES:
        importlib.import_module(module)
    for name in labelqa.__all__:
        assert not inspect.ismodule(getattr(labelqa, name)), f"{name} is shadowed by a module"


def test_no_public_name_equals_a_child_module() -> None:
    children = {m.name for m in pkgutil.iter_modules([str(PACKAGE)])}
    assert children.isdisjoint(labelqa.__all__)


def test_all_home_and_typed_imports_name_the_same_things() -> None:
    assert typed_imports() == labelqa._HOME
    assert set(EXPORTED) == set(labelqa._HOME)
    assert len(labelqa.__all__) == len(set(labelqa.__all__))


def test_dir_lists_the_public_names() -> None:
    assert set(dir(labelqa)) == set(labelqa.__all__)


def test_every_name_comes_from_the_module_that_defines_it() -> None:
    for name, home in labelqa._HOME.items():
        assert getattr(labelqa, name).__module__ == home, name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'agreemnt'"):
        labelqa.agreemnt  # noqa: B018


@pytest.mark.parametrize("name", EXPORTED)
def test_public_docstring_names_every_parameter(name: str) -> None:
    thing = getattr(labelqa, name)
    doc = inspect.getdoc(thing) or ""
    assert doc, f"{name} has no docstring"
    if inspect.isclass(thing):
        names = [f for f in getattr(thing, "__dataclass_fields__", {}) if not f.startswith("_")]
        body = section(doc, "Attributes") or section(doc, "Parameters")
    else:
        names = [p for p in inspect.signature(thing).parameters if not p.startswith("_")]
        body = section(doc, "Parameters")
        assert section(doc, "Examples"), f"{name} has no Examples section"
        assert section(doc, "Returns") or re.match("Return", doc), f"{name} does not say what it returns"
    missing = [n for n in names if not re.search(rf"\b{n}\b", body)]
    assert not missing, f"{name}: not described: {missing}"


@pytest.mark.parametrize("name", EXPORTED)
def test_public_methods_have_docstrings(name: str) -> None:
    thing = getattr(labelqa, name)
    if not inspect.isclass(thing):
        return
    members = [n for n, m in vars(thing).items() if callable(m) or isinstance(m, property | classmethod)]
    assert [n for n in members if not n.startswith("_") and not inspect.getdoc(getattr(thing, n))] == []

"""What setup.cfg promises is what lies in the folders."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_CODE = {"__pycache__"}


@pytest.fixture(scope="module")
def config() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def packages_on_disk() -> set[str]:
    mapped = {"labelqa": ROOT / "labelqa", "labelqa_app": ROOT / "app"}
    found = set()
    for name, folder in mapped.items():
        for file in folder.rglob("*.py"):
            inner = file.parent.relative_to(folder).parts
            if NOT_CODE.isdisjoint(inner):
                found.add(".".join([name, *inner]))
    return found


def test_packages_in_setup_cfg_equal_the_folders_that_hold_python(config: configparser.ConfigParser) -> None:
    assert set(lines(config["options"]["packages"])) == packages_on_disk()


def test_every_package_folder_has_an_init(config: configparser.ConfigParser) -> None:
    mapped = dict(line.replace(" ", "").split("=") for line in lines(config["options"]["package_dir"]))
    for package in lines(config["options"]["packages"]):
        top, *inner = package.split(".")
        assert (ROOT / mapped.get(top, top) / Path(*inner) / "__init__.py").is_file(), package


def test_every_package_data_pattern_matches_a_file(config: configparser.ConfigParser) -> None:
    for package, patterns in config["options.package_data"].items():
        top, *inner = package.split(".")
        folder = ROOT / {"labelqa_app": "app"}.get(top, top) / Path(*inner)
        for pattern in lines(patterns):
            assert list(folder.glob(pattern)), f"{package}: nothing matches {pattern}"


def test_every_file_in_a_package_that_is_not_python_is_package_data(config: configparser.ConfigParser) -> None:
    covered = set()
    for package, patterns in config["options.package_data"].items():
        top, *inner = package.split(".")
        folder = ROOT / {"labelqa_app": "app"}.get(top, top) / Path(*inner)
        covered |= {file for pattern in lines(patterns) for file in folder.glob(pattern)}
    shipped = {f for top in ("labelqa", "app") for f in (ROOT / top).rglob("*") if f.is_file()}
    unlisted = {
        str(f.relative_to(ROOT))
        for f in shipped - covered
        if NOT_CODE.isdisjoint(f.parts) and f.suffix not in {".py", ".md"}
    }
    assert unlisted == set()


def test_app_contract_forbids_every_part_of_the_library_but_review_and_report(
    config: configparser.ConfigParser,
) -> None:
    library = ROOT / "labelqa"
    parts = {f.stem for f in library.glob("*.py")} | {f.parent.name for f in library.glob("*/*.py")}
    internal = {f"labelqa.{part}" for part in parts - {"__init__", "_version", "_demo", "review", "report"}}
    assert set(lines(config["importlinter:contract:app-public"]["forbidden_modules"])) == internal

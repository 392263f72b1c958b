"""labelqa review: start the app in the browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import click

from labelqa.cli.options import bundled
from labelqa.cli.place import DATABASE
from labelqa.errors import MissingExtraError, Problem
from labelqa.io.whole import write_whole

DEMO = "support_tickets.csv"
INSTALL = "pip install 'labelqa[app]'"
INSTALL_LOGIN = "pip install 'streamlit[auth]'"
LARGEST_UPLOAD = 200  # megabytes
LOCAL = ("127.0.0.1", "localhost", "::1")
SQLITE = b"SQLite format 3\x00"
FROM_ENVIRONMENT = f"env:{DATABASE}"  # an address may hold a password, and everybody sees the arguments of a process
NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_HOST = re.compile(r"[a-z0-9.-]+")
_HEADER = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Who may open the app, and from where.

    Attributes
    ----------
    host : str
        Address that the server listens on.
    port : int or None
        Its port.
    login : bool
        Whether people log in by OpenID Connect.
    trust_header : str or None
        Header in which a proxy names the person.
    no_browser : bool
        Whether no window is opened.
    """

    host: str
    port: int | None
    login: bool
    trust_header: str | None
    no_browser: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Where pictures of items may come from: one folder, and hosts."""

    images: str | None
    image_host: tuple[str, ...]


serving_options = bundled(
    "serving",
    Serving,
    click.option("--port", type=click.IntRange(1, 65535), help="Port of the server.  [default: 8501]"),
    click.option("--host", default=LOCAL[0], show_default=True, metavar="ADDRESS",
                 help="Address to listen on. Any but this computer's own needs --login or --trust-header."),
    click.option("--login", is_flag=True, help="People log in (OpenID Connect, set up in .streamlit/secrets.toml)."),
    click.option("--trust-header", metavar="NAME",
                 help="A proxy names the person in this header. Only the proxy may be able to reach the server."),
    click.option("--no-browser", is_flag=True, help="Do not open a browser window."),
)  # fmt: skip
picture_options = bundled(
    "pictures",
    Pictures,
    click.option("--images", type=click.Path(exists=True, file_okay=False), metavar="FOLDER",
                 help="Show pictures that items name, from this folder."),
    click.option("--image-host", multiple=True, metavar="HOST",
                 help="Show pictures that items name, from https://HOST; can be repeated."),
)  # fmt: skip


@click.command(short_help="Open the review app in the browser (needs the extra app).")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--project", "database", metavar="FILE|URL", envvar=DATABASE, show_envvar=True,
              help="The project. By default FILE.labelqa.db beside FILE, made if it is not there.")  # fmt: skip
@click.option("--name", metavar="NAME", help="Which project, where the database holds several.")
@click.option("--demo", is_flag=True, help=f"Begin with the bundled example: {DEMO} is put into this folder.")
@serving_options
@picture_options
def review(
    file: str | None, database: str | None, name: str | None, demo: bool, serving: Serving, pictures: Pictures
) -> int:
    """Open the review app: FILE holds labels to begin a project with, or is a project.

    The app guides from "we disagree" to a better labeling instruction, and shows whether it helped. Only this computer
    can open it, unless --host says otherwise.

    \b
    labelqa review --demo
    labelqa review labels.csv
    labelqa review labels.labelqa.db
    labelqa review tickets.db --host 0.0.0.0 --login
    """  # noqa: D301  # the backspace character tells click to keep these lines apart
    folder = app_folder()
    if demo:
        file = _example(file)
    database = _project(file, database)
    _check_serving(serving, has_project=file is not None or database is not None)
    command = [sys.executable, "-m", "labelqa_app.serve", "run", str(folder / "main.py"), *_flags(serving)]
    passed, environment = _passed(file, database, name)
    passed += _passed_pictures(pictures)
    passed += ["--login"] if serving.login else []
    passed += [] if serving.trust_header is None else ["--trust-header", serving.trust_header]
    return _serve([*command, "--", *passed], environment)


def _example(file: str | None) -> str:
    """Put the bundled example into this folder, unless it is there already, and return its name."""
    if file is not None:
        raise click.UsageError(f"--demo begins with {DEMO}: leave out {file}, or leave out --demo")
    if not Path(DEMO).exists():  # it may hold the work of an earlier try: never written over
        write_whole(Path(DEMO), files("labelqa._demo").joinpath(DEMO).read_bytes())
    return DEMO


def _serve(command: list[str], environment: dict[str, str]) -> int:
    """Run the server until it ends or somebody ends this command, which then ends the server, too."""
    with subprocess.Popen(command, env=environment) as server:
        before = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        try:
            code = server.wait()
        except KeyboardInterrupt:  # how one leaves a server
            return 0
        finally:
            signal.signal(signal.SIGTERM, before)
    if code <= 0:  # ended by a signal, as asked
        return 0
    raise click.UsageError("the server could not be started, or broke off: what it said stands above")


def app_folder() -> Path:
    """Return the folder of the installed app.

    Raises
    ------
    MissingExtraError
        If the app or streamlit is not installed.
    """
    app = find_spec("labelqa_app")
    if app is None or app.origin is None or find_spec("streamlit") is None:
        raise MissingExtraError(
            Problem(
                what="the review app needs streamlit, which is not installed",
                parameter="review",
                value="streamlit",
                next_step=f"Install it with: {INSTALL}",
            )
        )
    return Path(app.origin).parent


def _project(file: str | None, database: str | None) -> str | None:
    """Return the project; a project named as FILE goes before the environment, and never beside --project."""
    if file is None:
        return database
    if not Path(file).exists():
        raise click.BadParameter(f"there is no file {file!r}", param_hint="FILE")
    if not _is_project(Path(file)):
        return database
    source = click.get_current_context().get_parameter_source("database")
    if source is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError(f"{file} is a project already: leave out --project, or name a labels file")
    return None


def _is_project(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(SQLITE)) == SQLITE
    except OSError:
        return False


def _check_serving(serving: Serving, *, has_project: bool) -> None:
    shared = serving.login or serving.trust_header is not None
    if serving.host not in LOCAL and not shared:
        raise click.UsageError(
            f"--host {serving.host} lets other computers in, so people must prove who they are: add --login (OpenID "
            "Connect), or --trust-header NAME behind a proxy that logs people in"
        )
    if serving.login and serving.trust_header is not None:
        raise click.UsageError("--login and --trust-header are two ways to know who is there: name one")
    if shared and not has_project:
        raise click.UsageError("name the project that people shall work on: labelqa review tickets.db --login")
    if serving.trust_header is not None and not _HEADER.fullmatch(serving.trust_header):
        raise click.BadParameter(f"{serving.trust_header!r} is not the name of a header", param_hint="--trust-header")
    if serving.login:
        _check_login()


def _check_login() -> None:
    """Refuse to start a login that cannot work."""
    if find_spec("authlib") is None:
        raise click.UsageError(f"--login needs the package Authlib: {INSTALL_LOGIN}")
    places = [Path.home() / ".streamlit" / "secrets.toml", Path.cwd() / ".streamlit" / "secrets.toml"]
    found = [path for path in places if path.is_file()]
    where = " or ".join(str(p) for p in reversed(places))
    if not found:
        raise click.UsageError(f"--login needs a section [auth] in {where}: there is no such file (see the README)")
    settings: dict[str, object] = {}
    for path in found:  # the later wins, as in Streamlit
        try:
            settings |= tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
            raise click.UsageError(f"{path} is not readable TOML: --login needs a section [auth] in it") from None
    auth = settings.get("auth")
    missing = [name for name in NEEDED if not isinstance(auth, dict) or not auth.get(name)]
    if missing:
        raise click.UsageError(f"--login needs {' and '.join(missing)} in the section [auth] of {where}")


def _flags(serving: Serving) -> list[str]:
    """Return the flags for Streamlit; flags win over settings of the user."""
    flags = [
        f"--server.address={serving.host}",
        f"--server.maxUploadSize={LARGEST_UPLOAD}",
        "--server.enableXsrfProtection=true",
        "--browser.gatherUsageStats=false",
    ]
    flags += [f"--server.port={serving.port}"] if serving.port else []
    return flags + (["--server.headless=true"] if serving.no_browser else [])


def _passed(file: str | None, database: str | None, name: str | None) -> tuple[list[str], dict[str, str]]:
    """Return what the app is told behind ``--``, and its environment."""
    environment = dict(os.environ)
    passed = [] if file is None else [str(Path(file).resolve())]
    if database is not None and "://" in database:
        environment[DATABASE] = database
        passed += ["--project", FROM_ENVIRONMENT]
    elif database is not None:
        passed += ["--project", str(Path(database).resolve())]
    return passed + ([] if name is None else [f"--name={name}"]), environment


def _passed_pictures(pictures: Pictures) -> list[str]:
    bad = [host for host in pictures.image_host if not _HOST.fullmatch(host.lower())]
    if bad:
        step = "name it alone, for example images.example.org"
        raise click.BadParameter(f"{bad[0]!r} is not a host: {step}", param_hint="--image-host")
    passed = [] if pictures.images is None else ["--images", str(Path(pictures.images).resolve())]
    return passed + [word for host in pictures.image_host for word in ("--image-host", host.lower())]

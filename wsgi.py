"""Composition root, the one place that knows all faces: `wsgi:app` for web servers, `python wsgi.py` for people.

Features bring their own commands: every `cli.py` in a feature folder has a list `commands`, collected here; every
`jobs.py` registers its drains when it is imported; `models.py` its tables.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from shared.platform import logs
from shared.platform.settings import CHECKOUT, BadSetting, Settings

if TYPE_CHECKING:
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    from hq.demo.brand import Made

PACKAGES = ("shared", "content_library", "hq", "dealer")


def __getattr__(name: str) -> Any:
    """`wsgi:app`, made when a web server asks for it."""
    if name == "app":
        logs.configure()
        return make_app(Settings.from_env(os.environ))
    raise AttributeError(name)


def make_app(settings: Settings) -> DispatcherMiddleware:
    """The three faces under one address: `/hq`, `/dealer`, and the public face at `/`."""
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    from dealer.app import create_dealer_app
    from hq.app import create_hq_app
    from hq.intake.public.app import create_public_app
    from shared.web import metrics, transaction
    from shared.work import doorbell
    from shared.work.gauges import WorkGauges

    _know_all_work()  # headquarters' work page shows every drain
    doorbell.install(settings.redis_url)
    metrics.observe(WorkGauges(lambda: transaction.engine().connect()))
    mounts: dict[str, Any] = {"/hq": create_hq_app(settings.hq()), "/dealer": create_dealer_app(settings.dealer())}
    return DispatcherMiddleware(create_public_app(settings.public()), mounts)


def every(name: str) -> Iterable[ModuleType]:
    """Import the modules of this name (`models`, `jobs`, `cli`) of every feature."""
    for package in PACKAGES:
        for path in sorted((CHECKOUT / package).rglob(f"{name}.py")):
            parts = path.relative_to(CHECKOUT).with_suffix("").parts
            yield importlib.import_module(".".join(parts))


class Commands(click.Group):
    """Our own commands, and those that features bring; theirs are imported only when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *sorted(self._of_features())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or self._of_features().get(cmd_name)

    def _of_features(self) -> dict[str, click.Command]:
        list(every("models"))  # a command that knows one table must find those that it refers to
        found: dict[str, click.Command] = {}
        for module in every("cli"):
            for command in module.commands:
                if command.name is None:
                    continue
                known = found.setdefault(command.name, command)
                if known is not command and isinstance(known, click.Group) and isinstance(command, click.Group):
                    known.commands.update(command.commands)  # `signups post` and `signups import` are two features'
        return found


@click.group(cls=Commands, name="./koi", context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Koi (锦鲤) turns the sign-ups of a brand's campaigns into sales at its dealers' stores."""


@cli.command()
@click.option("--port", type=int, help="TCP port instead of KOI_PORT or 8000.")
@click.option("--host", help="Address to listen on instead of 127.0.0.1.")
@click.option("--demo/--no-demo", default=None, help="The demo brand; by itself where no DATABASE_URL is set.")
def run(port: int | None, host: str | None, demo: bool | None) -> None:
    """Start everything; Ctrl-C stops it."""
    from shared.platform import build
    from shared.platform import run as running

    given = {"KOI_PORT": str(port) if port else None, "KOI_HOST": host}
    environ = {**os.environ, **{name: value for name, value in given.items() if value}}
    build.build_all()
    start = FirstRun(demo=demo)
    raise SystemExit(running.run(environ, first_run=start.prepare, once_up=start.live))


class FirstRun:
    """What an empty database gets: the first administrator and, unless real servers are used, the demo brand."""

    def __init__(self, *, demo: bool | None) -> None:
        self._demo = demo
        self._made: Made | None = None

    def prepare(self, settings: Settings) -> Sequence[str]:
        """Before the first request; gives the lines that tell the person at the console how to sign in."""
        from hq.demo import brand
        from hq.rules.defaults import defaults
        from hq.rules.service import ensure_defaults
        from shared.db.session import make_engine, now_of, unit_of_work
        from shared.identity.first import FIRST_LOGIN, ensure_first_admin

        _know_all_work()
        engine = make_engine(settings.role_urls["hq"], pool_size=1)
        try:
            with unit_of_work(engine) as session:
                now, blind = now_of(session), settings.hq().keys.blind
                ensure_defaults(session, defaults(), now=now)
                password = ensure_first_admin(session, now=now, blind_key=blind)
            if password is None:
                return []
            if settings.embedded if self._demo is None else self._demo:
                with unit_of_work(engine) as session:
                    self._made = brand.make(session, settings, now=now)
        finally:
            engine.dispose()
        lines = [f"first administrator   {settings.base_url}/hq   {FIRST_LOGIN} / {password}   (shown only now)"]
        return lines + (self._made.lines(settings.base_url) if self._made else [])

    def live(self, settings: Settings, stopping: Callable[[], bool]) -> None:
        """Once pages answer and before the workers start: the demo's past, its progress on the console."""
        from dealer.demo.shop import Shops
        from hq.demo.history import History
        from shared.db.session import moment_of
        from shared.platform.progress import ProgressLine

        if self._made is None:
            return
        with Shops(settings) as shops:
            history = History(settings, self._made, now=moment_of(settings.role_urls["hq"]))
            tell = ProgressLine("demo: two weeks in a minute, %s of %s sign-ups …")
            for done, total in history.live(shops, stopping=stopping):
                tell(done, total)
            tell.end()


@cli.command(name="demo")
@click.option("--traffic", is_flag=True, required=True, help="Keep sign-ups coming and stores working.")
@click.option("--per-minute", default=20.0, show_default=True, help="Sign-ups a minute.")
@click.option("--minutes", type=float, help="Stop after so many minutes instead of on Ctrl-C.")
def demo_(traffic: bool, per_minute: float, minutes: float | None) -> None:
    """Let the demo brand live: people sign up, stores claim within seconds, call and sell."""
    del traffic  # the one thing there is; named, so that nobody starts it by mistake
    _know_all_work()
    from dealer.demo.shop import Shops
    from hq.demo.traffic import Traffic
    from shared.platform.reach import reached
    from shared.work import doorbell

    with reached(os.environ) as settings, Shops(settings, haste=60) as shops:
        doorbell.install(settings.redis_url)
        for line in Traffic(settings, per_minute=per_minute).flow(shops, minutes=minutes):
            click.echo(line)


@cli.command(hidden=True)
@click.option("--name", default="1", help="Number of this worker.")
def worker(name: str) -> None:
    """Do what the doorbell rings for (./koi run starts two)."""
    from shared.platform.process import forks_follow

    forks_follow()
    _know_all_work()
    from shared.platform.gate import wait_open
    from shared.work import worker as listening

    logs.configure()
    wait_open(os.environ)
    listening.run(Settings.from_env(os.environ).worker(), name=name)


@cli.command(hidden=True)
def ticker() -> None:
    """Ring for due work every 2 s (./koi run starts one)."""
    _know_all_work()
    from shared.platform.gate import wait_open
    from shared.work import ticker as clock

    logs.configure()
    wait_open(os.environ)
    clock.run(Settings.from_env(os.environ).worker())


@cli.command()
def migrate() -> None:
    """Bring the database to the present (./koi run does it too)."""
    from shared.db.migrate import migrate as bring
    from shared.platform.reach import reached

    with reached(os.environ) as settings:
        bring(settings.owner_url, settings.secret)


@cli.command()
def shell() -> None:
    """A Python prompt with `session` and `settings` at hand, as the database's owner."""
    import code

    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    from shared.platform.reach import reached

    models = list(every("models"))
    with reached(os.environ) as settings, Session(create_engine(settings.owner_url)) as session:
        names: dict[str, object] = {"session": session, "settings": settings}
        for module in models:
            names |= {key: value for key, value in vars(module).items() if hasattr(value, "__tablename__")}
        code.interact(banner="Koi: session, settings and every model are here; commit yourself.", local=names)


@cli.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Delete everything that Koi keeps under var/."""
    from shared.platform.reset import reset as delete

    delete(os.environ, ask=None if yes else lambda text: click.confirm(text, default=False))


@cli.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def test(words: tuple[str, ...]) -> None:
    """Lint, types, import rules, tests and browser tests; --long for the full size."""
    raise SystemExit(importlib.import_module("tests.suite").test(list(words)))


@cli.command()
def lint() -> None:
    """Lint, format, types, import rules and module sizes."""
    raise SystemExit(importlib.import_module("tests.suite").lint())


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", required=False)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def bench(name: str | None, words: tuple[str, ...], as_json: bool) -> None:
    """Measure; without a name: list what can be measured."""
    raise SystemExit(importlib.import_module("tests.bench").main(name, list(words), as_json=as_json))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", type=click.Choice(["truth"]))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def check(name: str, folder: Path, words: tuple[str, ...], as_json: bool) -> None:
    """Run data whose truth is known through Koi (xlsx, csv, jsonl; all three without a word) and compare."""
    raise SystemExit(importlib.import_module("tests.checks").main(name, folder, list(words), as_json=as_json))


@cli.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def shots(words: tuple[str, ...]) -> None:
    """Pictures of every page, in both languages and themes, into shots/."""
    raise SystemExit(importlib.import_module("tests.browser.shots").run(list(words)))


@cli.command(name="help")
@click.argument("words", nargs=-1)
@click.pass_context
def help_(ctx: click.Context, words: tuple[str, ...]) -> None:
    """This, or the help of one command."""
    parent = ctx.parent or ctx
    if not words:
        click.echo(parent.get_help())
        return
    cli.main([*words, "--help"], prog_name="./koi", standalone_mode=True)


def _know_all_work() -> None:
    for name in ("models", "jobs"):
        list(every(name))


def main() -> None:
    """Run a command; what a person can act on is one line, not a traceback."""
    from shared.platform.build import BuildFailed
    from shared.platform.embedded.binaries import Unavailable
    from shared.platform.embedded.postgres import ServerFailed
    from shared.platform.run import CannotRun

    try:
        cli(prog_name="./koi")
    except (BadSetting, BuildFailed, CannotRun, ServerFailed, Unavailable) as error:
        click.echo(f"koi: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

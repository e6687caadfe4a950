"""The locked lists say what was chosen, with hashes, and name no host."""

from __future__ import annotations

import json
import re

import pytest

from shared.platform.settings import CHECKOUT

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return {package.lower(): version for package, version in _PIN.findall((CHECKOUT / name).read_text("utf-8"))}


def chosen(name: str) -> set[str]:
    lines = (CHECKOUT / name).read_text("utf-8").splitlines()
    words = [line.partition("#")[0].strip() for line in lines if not line.startswith("-")]
    return {re.split(r"[=<>\[; ]", word)[0].lower() for word in words if word}


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_has_a_hash_for_everything_and_names_no_host(lock: str) -> None:
    text = (CHECKOUT / lock).read_text("utf-8")
    assert "://" not in text
    assert "--index" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry


@pytest.mark.parametrize(
    ("wanted", "lock"), [("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt")]
)
def test_a_lock_holds_what_was_chosen(wanted: str, lock: str) -> None:
    locked = pins(lock)
    assert chosen(wanted) <= set(locked)
    assert {name: locked[name] for name in pins(wanted)} == pins(wanted)


def test_the_two_locks_agree() -> None:
    small, large = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: large.get(name) for name in small} == small


def test_the_front_ends_lock_names_no_host() -> None:
    lock = json.loads((CHECKOUT / "package-lock.json").read_text("utf-8"))
    assert lock["lockfileVersion"] == 3
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert name == "" or "integrity" in package, name

import gc

import pytest

from shared.work.collector import collector_paused


def batch_that_fails() -> None:
    with collector_paused():
        assert not gc.isenabled()
        raise ZeroDivisionError


def test_the_collector_rests_during_a_batch_and_works_again_after_a_failure():
    with pytest.raises(ZeroDivisionError):
        batch_that_fails()
    assert gc.isenabled()


def test_who_turned_the_collector_off_finds_it_off():
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()

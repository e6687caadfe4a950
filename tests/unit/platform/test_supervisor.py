"""What the supervisor does with a child that dies."""

from __future__ import annotations

from shared.platform.supervisor import Supervisor, restart_pause_s


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeChild:
    """A child whose life is in the test's hands."""

    name = "web"

    def __init__(self) -> None:
        self.starts, self.code, self.fails, self.asked = 0, None, False, False

    def start(self) -> None:
        self.starts += 1
        if self.fails:
            raise OSError("no room")
        self.code = None

    def ended(self) -> int | None:
        return self.code

    def ask_to_stop(self) -> None:
        self.asked = True

    def wait_stopped(self, timeout_s: float) -> None:
        self.code = 0


def started() -> tuple[Supervisor, FakeChild, Clock, list[str]]:
    clock, said, child = Clock(), [], FakeChild()
    supervisor = Supervisor(said.append, clock)
    supervisor.start(child)
    return supervisor, child, clock, said


def test_a_child_that_dies_is_started_again_after_a_pause() -> None:
    supervisor, child, clock, said = started()
    child.code = -9
    supervisor.look()
    assert child.starts == 1
    clock.now += 0.11
    supervisor.look()
    assert child.starts == 2
    assert said == ["web ended (-9); starting it again in 0.1 s"]


def test_quick_deaths_make_the_pause_longer_and_a_steady_life_shorter_again() -> None:
    supervisor, child, clock, _ = started()
    for _ in range(3):
        child.code = 1
        supervisor.look()
        clock.now += 11
        supervisor.look()
    assert supervisor.deaths("web") == 3
    clock.now += 60
    child.code = 1
    supervisor.look()
    assert supervisor.deaths("web") == 1
    assert [restart_pause_s(deaths) for deaths in (1, 2, 3, 50)] == [0.1, 0.4, 1.6, 10.0]


def test_a_child_that_cannot_start_is_tried_again() -> None:
    supervisor, child, clock, said = started()
    child.code, child.fails = 1, True
    supervisor.look()
    clock.now += 1
    supervisor.look()
    assert "did not start: no room" in said[-1]
    child.fails = False
    clock.now += 11
    supervisor.look()
    assert child.starts == 3


def test_stopping_starts_nothing_again() -> None:
    supervisor, child, clock, _ = started()
    supervisor.stop()
    assert child.asked
    child.code = 1
    clock.now += 60
    supervisor.look()
    assert child.starts == 1

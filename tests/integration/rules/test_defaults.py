"""A new installation starts with rules that one can look up, and they are what the code comes with."""

from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.screening.rules import ScreeningRules
from hq.routing.rules import RoutingRules
from hq.rules.defaults import ROUTING, defaults
from hq.rules.queries import in_force
from hq.rules.service import ensure_defaults
from shared.db.session import now_of, unit_of_work


def test_the_first_start_activates_version_one_of_every_kind_and_the_second_nothing(hq_engine):
    for _start in range(2):
        with unit_of_work(hq_engine) as session:
            ensure_defaults(session, defaults(), now=now_of(session))
    with unit_of_work(hq_engine) as session:
        assert {kind: rules.version for kind, rules in in_force(session).items()} == dict.fromkeys(defaults(), 1)


def test_what_is_stored_reads_back_as_what_the_code_comes_with(hq_engine):
    with unit_of_work(hq_engine) as session:
        ensure_defaults(session, defaults(), now=now_of(session))
    with unit_of_work(hq_engine) as session:
        stored = in_force(session)
        assert ScreeningRules.parse(stored["screening"].body) == ScreeningRules.default()
        assert RoutingRules.parse(stored["routing"].body) == ROUTING
        assert Scorecard.parse(stored["scorecard"].body) == Scorecard.parse(defaults()["scorecard"])

"""Who may enter, and what everybody else is told."""

from __future__ import annotations

import pytest

from tests.portals.conftest import sign_in


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_somebody_with_the_right_password_enters(portal, browser, hq_person, staff_person):
    person = hq_person() if portal == "/hq" else staff_person()
    here = browser()

    answer = sign_in(here, portal, person.login)

    assert answer.status_code == 303
    assert answer.location == f"{portal}/account"
    page = here.get(f"{portal}/account")
    assert page.status_code == 200, page.text
    assert person.name in page.text

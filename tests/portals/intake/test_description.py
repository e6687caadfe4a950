"""The API's description: it is valid, and what the API answers is what it says."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from tests.portals.conftest import Faces
from tests.portals.intake.calling import SAID, Caller, but


@pytest.fixture(scope="module")
def described(faces: Faces) -> dict[str, Any]:
    found: dict[str, Any] = faces.public.test_client().get("/api/openapi.json").get_json()
    return found


def schema_for(described: dict[str, Any], path: str, method: str, answer: TestResponse) -> dict[str, Any]:
    """The schema that the description gives for this answer."""
    said = described["paths"][path][method]["responses"][str(answer.status_code)]["content"][answer.mimetype]["schema"]
    return {**said, "components": described["components"]}


def test_the_description_is_valid_openapi_3_1(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []


def test_its_example_is_accepted(described: dict[str, Any], caller: Caller) -> None:
    post = described["paths"]["/api/v1/campaigns/{code}/signups"]["post"]
    content = post["requestBody"]["content"]["application/json"]
    Draft202012Validator({**content["schema"], "components": described["components"]}).validate(content["example"])
    assert caller.post(content["example"]).status_code == 202


def test_every_answer_is_as_described(described: dict[str, Any], caller: Caller) -> None:
    path = "/api/v1/campaigns/{code}/signups"
    taken = caller.post(key="k")
    answers = [
        taken,
        caller.post(key="k"),
        caller.post(but(name="x"), key="k"),
        caller.post(but(touchpoint="x")),
        caller.post(key=None),
        caller.post(b"{"),
        caller.post(b"{}", **{"Content-Type": "text/plain"}),
        caller.post(b" " * 70_000),
        caller.post(code="NOPE"),
        caller.post(Authorization="Bearer x"),
    ]
    assert {answer.status_code for answer in answers} == {202, 400, 401, 404, 413, 415, 422}
    for answer in answers:
        Draft202012Validator(schema_for(described, path, "post", answer)).validate(answer.get_json())


def test_a_campaign_is_as_described(described: dict[str, Any], caller: Caller) -> None:
    for answer in (caller.campaign(), caller.campaign("NOPE")):
        schema = schema_for(described, "/api/v1/campaigns/{code}", "get", answer)
        Draft202012Validator(schema).validate(answer.get_json())


def test_what_the_schema_allows_is_what_the_api_takes(described: dict[str, Any]) -> None:
    body = Draft202012Validator({"$ref": "#/components/schemas/SignupBody", "components": described["components"]})
    assert body.is_valid(SAID)
    for bad in (
        but(touchpoint="billboard"),
        but(favourite=1),
        but(phone=1),
        but(actions={"draws": "2"}),
        but(consents=None),
    ):
        assert not body.is_valid(bad)


def test_the_page_to_try_it_is_there_and_sends_nothing_by_itself(faces: Faces) -> None:
    page = faces.public.test_client().get("/api/docs")
    assert page.status_code == 200
    assert "<form" not in page.text.partition("</template>")[2]  # what stands before is for scripts
    assert "data-try-api" in page.text
    assert "http://" not in page.text.replace("http://localhost", "")
    assert "key_reused" in page.text

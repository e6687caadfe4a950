"""The API's description (OpenAPI 3.1), made from the models that check its bodies."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hq.intake.api.body import Accepted, CampaignAnswer, ProblemDocument, SignupBody
from hq.intake.api.problems import STATUS

VERSION = "1.0.0"
_REFS = "#/components/schemas/{model}"
_TITLES = {400: "Cannot be read", 401: "No valid token", 404: "No such campaign", 409: "Not open"} | {
    413: "More than 64 kB",
    415: "Not JSON",
    422: "Fields are wrong, or the key came with another body before",
    503: "Busy: send the same sign-up with the same key again",
}
_EXAMPLE = {
    "touchpoint": "mini_program",
    "openid": "oaUdAWelw1onK6n6Yo8yNuAI_T4a",
    "phone": "+8613800138000",
    "phone_verified": "wechat",
    "name": "王小明",
    "interest": {"model": "青骥 Q1", "purchase_horizon": "1m", "current_vehicle": "none", "budget": "3500-5000"},
    "actions": {"draws": 1, "booked_test_ride": True, "visited_store": False},
    "region": {"province": "浙江省", "city": "杭州市", "county": "西湖区"},
    "consents": {
        "marketing": True,
        "marketing_version": 1,
        "share_with_dealer": True,
        "share_with_dealer_version": 1,
    },
}


@lru_cache(maxsize=1)
def components() -> dict[str, Any]:
    """The schemas of all bodies."""
    bodies: list[tuple[type[BaseModel], Any]] = [
        (SignupBody, "validation"),
        (Accepted, "serialization"),
        (CampaignAnswer, "serialization"),
        (ProblemDocument, "validation"),
    ]
    _names, schemas = models_json_schema(bodies, ref_template=_REFS)
    found: dict[str, Any] = schemas["$defs"]
    return found


def document(base_url: str) -> dict[str, Any]:
    """The whole description. `base_url`: where the API is reached."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Koi",
            "version": VERSION,
            "summary": "Sign-ups of campaigns",
            "description": "Send a campaign's sign-ups to Koi. Every sign-up that is answered with 202 is kept; "
            "send one again with the same Idempotency-Key when no answer came.",
        },
        "servers": [{"url": base_url}] if base_url else [{"url": "/"}],
        "security": [{"token": []}],
        "paths": {
            "/api/v1/campaigns/{code}": {"parameters": [_code()], "get": _get_campaign()},
            "/api/v1/campaigns/{code}/signups": {"parameters": [_code()], "post": _post_signup()},
        },
        "components": {
            "schemas": components(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def example() -> str:
    """A body to begin with."""
    return json.dumps(_EXAMPLE, ensure_ascii=False, indent=2)


def _code() -> dict[str, Any]:
    return {
        "name": "code",
        "in": "path",
        "required": True,
        "description": "The campaign's code",
        "schema": {"type": "string"},
    }


def _get_campaign() -> dict[str, Any]:
    return {
        "operationId": "getCampaign",
        "summary": "A campaign and the consent texts that stand now",
        "parameters": [_language()],
        "responses": {"200": _answer("The campaign", "CampaignAnswer"), **_problems(401, 404, 503)},
    }


def _post_signup() -> dict[str, Any]:
    return {
        "operationId": "postSignup",
        "summary": "Take a sign-up",
        "description": "The answer comes after the sign-up is stored. The same key with the same body gives the same "
        "answer for 48 hours, with the header Idempotent-Replayed.",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "Your own name for this sign-up, unique per token",
                "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
            },
            _language(),
        ],
        "requestBody": {"required": True, "content": {"application/json": _body("SignupBody") | {"example": _EXAMPLE}}},
        "responses": {
            "202": _answer("Stored", "Accepted")
            | {
                "headers": {
                    "Idempotent-Replayed": {
                        "description": "true when it had been stored before",
                        "schema": {"type": "string"},
                    }
                }
            },
            **_problems(400, 401, 404, 409, 413, 415, 422, 503),
        },
    }


def _language() -> dict[str, Any]:
    return {
        "name": "Accept-Language",
        "in": "header",
        "description": "zh (default) or en",
        "schema": {"type": "string", "examples": ["en"]},
    }


def _body(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": _REFS.format(model=name)}}


def _answer(words: str, name: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": _body(name)}}


def _problems(*statuses: int) -> dict[str, Any]:
    return {
        str(status): {
            "description": f"{_TITLES[status]} ({', '.join(code for code, its in STATUS.items() if its == status)})",
            "content": {"application/problem+json": _body("ProblemDocument")},
        }
        for status in statuses
    }

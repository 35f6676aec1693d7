"""The document at /api/openapi.json says what the contract says."""

from typing import Any

import pytest
from flask import Flask
from halls import SMALL_HALL

import server
from hall import config

# Method, path, statuses, fields of the body: written down from the contract, not from the code.
CONTRACT = [
    (
        "post",
        "/api/v1/tickets",
        {"200", "201", "409", "422"},
        {"service", "tap", "language", "phone", "id_number", "appointment"},
    ),
    ("get", "/api/v1/tickets/{ticket}", {"200", "404"}, set()),
    ("post", "/api/v1/windows/{no}/calls", {"201", "409"}, {"ticket", "reason"}),
    ("post", "/api/v1/windows/{no}/recall", {"200", "409"}, set()),
    ("post", "/api/v1/windows/{no}/start", {"200", "409"}, set()),
    ("post", "/api/v1/windows/{no}/finish", {"200", "409"}, {"outcome", "case_number"}),
    ("post", "/api/v1/windows/{no}/miss", {"200", "409"}, set()),
    ("post", "/api/v1/windows/{no}/hold", {"200", "409", "422"}, {"kind"}),
    (
        "post",
        "/api/v1/windows/{no}/transfer",
        {"200", "409", "422"},
        {"service", "window", "reason", "wrong_item"},
    ),
    ("post", "/api/v1/windows/{no}/open", {"200", "409"}, {"clerk"}),
    ("post", "/api/v1/windows/{no}/pause", {"200", "409"}, {"reason"}),
    ("post", "/api/v1/windows/{no}/close", {"200", "409"}, set()),
    ("get", "/api/v1/services", {"200"}, set()),
    ("get", "/api/v1/windows", {"200"}, set()),
    ("get", "/api/v1/board", {"200", "304"}, set()),
    (
        "post",
        "/api/v1/ratings",
        {"201", "409", "422"},
        {"visit", "level", "tags", "text", "contact", "channel"},
    ),
    ("get", "/api/v1/months/{month}", {"200", "422"}, set()),
    ("get", "/api/v1/months/{month}/export.csv", {"200"}, set()),
    ("get", "/api/v1/months/{month}/export.xlsx", {"200"}, set()),
]
# What the hall offers beside the contract.
MORE = [
    ("get", "/api/v1/appointments/slots", {"200", "404", "409", "422"}, set()),
    (
        "post",
        "/api/v1/appointments",
        {"200", "201", "409", "422"},
        {"service", "slot_at", "tap", "id_number", "name", "phone"},
    ),
    ("get", "/api/v1/appointments/{code}", {"200", "404"}, set()),
    ("post", "/api/v1/appointments/{code}/cancel", {"200", "409"}, {"phone_tail"}),
    ("post", "/api/v1/appointments/import", {"200", "422"}, {"source", "rows"}),
    ("post", "/api/v1/windows/{no}/resume", {"200", "409"}, {"ticket"}),
    ("post", "/api/v1/windows/{no}/undo", {"200", "409"}, set()),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = server.create_app(config.Config(), tmp_path_factory.mktemp("hall") / "hall.db")
    app.extensions["hall"].register.adopt(SMALL_HALL)
    return app


@pytest.fixture(scope="module")
def document(app: Flask) -> Any:
    answer = app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    return answer.get_json()


def schema_of(document: Any, operation: Any) -> Any:
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    name = schema["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]


def test_the_document_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")


def test_the_document_has_every_row_of_the_contract_and_what_is_listed_beside_it(
    document: Any,
) -> None:
    told = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert told == {(method, path) for method, path, _, _ in [*CONTRACT, *MORE]}


@pytest.mark.parametrize(("method", "path", "statuses", "fields"), [*CONTRACT, *MORE])
def test_a_row_has_its_answers_and_its_body(
    document: Any, method: str, path: str, statuses: set[str], fields: set[str]
) -> None:
    operation = document["paths"][path][method]
    assert statuses <= set(operation["responses"])
    assert operation["summary"]
    if method == "post":
        assert set(schema_of(document, operation).get("properties", {})) == fields


def test_a_refusal_is_described_as_code_and_message(document: Any) -> None:
    refused = document["paths"]["/api/v1/tickets"]["post"]["responses"]["409"]
    name = refused["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert set(document["components"]["schemas"][name]["properties"]) == {"code", "message"}


def test_the_document_says_how_a_program_signs_in(document: Any) -> None:
    assert document["components"]["securitySchemes"]["key"] == {"type": "http", "scheme": "bearer"}
    assert document["security"] == [{"key": []}]

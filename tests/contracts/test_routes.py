"""What holds for every route of every service."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from services.__main__ import NAMES, load
from shared.host import described
from shared.service import Service

SERVICES = load(NAMES)


def calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from calls(inner)


def routes(service: Service) -> list[Any]:
    found = list(iter_route_contexts(described(service).routes))
    assert len(found) > 15
    return [route for route in found if isinstance(route.original_route, APIRoute)]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_nothing_of_a_request_runs_in_a_thread(service: Service) -> None:
    for route in routes(service):
        for call in calls(route.dependant):
            asynchronous = inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)
            assert asynchronous, f"{route.path}: {call} would run in the thread pool"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_route_is_under_the_prefix_and_explained(service: Service) -> None:
    for route in routes(service):
        assert route.path == f"/{service.name}" or route.path.startswith(f"/{service.name}/")
        if route.original_route.include_in_schema:
            assert route.original_route.description, f"{route.path} says nothing of what it does"


def test_operation_names_are_unique_within_a_service() -> None:
    for service in SERVICES:
        document = described(service).openapi()
        names = [step["operationId"] for path in document["paths"].values() for step in path.values()]
        assert len(names) == len(set(names))

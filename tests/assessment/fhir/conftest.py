"""One judge for the FHIR of assessment, knowing the forms and code lists that the service publishes."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.outside.judge import Judge


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """The judge; it knows nothing yet."""
    with Judge(tmp_path_factory.mktemp("judge") / "log") as made:
        yield made


@pytest.fixture(scope="session")
def taught(judge: Judge) -> Callable[..., Any]:
    """`await taught(client)`: tell the judge, once, what the service publishes; the forms and code systems."""
    published: dict[str, list[dict[str, Any]]] = {}

    async def teach(client: httpx.AsyncClient) -> dict[str, list[dict[str, Any]]]:
        for kind in ("CodeSystem", "Questionnaire"):
            if kind in published:
                continue
            found = await client.get(f"/assessment/fhir/{kind}")
            assert found.status_code == 200, found.text
            published[kind] = [entry["resource"] for entry in found.json()["entry"]]
            for resource in published[kind]:
                judge.know(resource)
        return published

    return teach

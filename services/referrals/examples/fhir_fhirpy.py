"""Submit, poll and cancel a referral with fhirpy (pip install fhirpy).

RELAIS and TOKEN come from the environment.
"""

import asyncio
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from fhirpy import AsyncFHIRClient


async def main() -> None:
    number = os.environ.get("NUMBER", str(time.time_ns()))
    bundle = json.loads(Path(__file__).with_name("fhir-transaction.json").read_text().replace("2026-000002", number))
    demand = next(each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == "ServiceRequest")
    identifier = demand["identifier"][0]
    client = AsyncFHIRClient(f"{os.environ['RELAIS']}/referrals/fhir", authorization=f"Bearer {os.environ['TOKEN']}")
    began = datetime.now(UTC).isoformat()

    answer = await client.execute("/", method="post", data=bundle)
    places = [entry["response"]["location"] for entry in answer["entry"]]
    task_id = next(place.split("/")[1] for place in places if place.startswith("Task/"))

    # The same demand once more: the server says that it has it already.
    known = client.resources("ServiceRequest").search(identifier=f"{identifier['system']}|{identifier['value']}")
    _, is_new = await known.get_or_create(client.resource("ServiceRequest", **demand))

    polled = client.resources("Task").search(_lastUpdated=f"ge{began}").include("Task", "focus")
    seen = {task["id"]: task["status"] for task in await polled.fetch_all()}

    await client.patch("Task", task_id, status="cancelled")
    task = await client.get("Task", task_id)
    print(json.dumps({"task": task_id, "created_again": is_new, "polled": seen[task_id], "status": task["status"]}))


if __name__ == "__main__":
    asyncio.run(main())

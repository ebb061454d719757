"""Submit, poll and cancel a referral with fhirclient (pip install fhirclient).

RELAIS and TOKEN come from the environment.
"""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.servicerequest import ServiceRequest
from fhirclient.models.task import Task


def main() -> None:
    number = os.environ.get("NUMBER", str(time.time_ns()))
    text = Path(__file__).with_name("fhir-transaction.json").read_text().replace("2026-000002", number)
    smart = FHIRClient({"app_id": "hospital-chu", "api_base": f"{os.environ['RELAIS']}/referrals/fhir"})
    smart.server.session.headers["authorization"] = f"Bearer {os.environ['TOKEN']}"
    smart.prepare()
    began = datetime.now(UTC).isoformat()

    answer = Bundle(Bundle(json.loads(text)).create(smart.server))
    places = [entry.response.location for entry in answer.entry]
    task_id = next(place.split("/")[1] for place in places if place.startswith("Task/"))

    seen = {task.id: task.status for task in Task.where({"_lastUpdated": f"ge{began}"}).perform_resources(smart.server)}

    # fhirclient cannot patch: the sender revokes its own ServiceRequest, in the version that it has read.
    focus = Task.read(task_id, smart.server).focus.reference
    demand = ServiceRequest.read(focus.split("/")[1], smart.server)
    demand.status = "revoked"
    smart.server.session.headers["if-match"] = f'W/"{demand.meta.versionId}"'
    demand.update(smart.server)
    task = Task.read(task_id, smart.server)
    print(json.dumps({"task": task_id, "polled": seen[task_id], "status": task.status}))


if __name__ == "__main__":
    main()

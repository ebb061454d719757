"""The route by which a service tells what it holds of a subject, to the service that answers for all of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from shared.access import May
from shared.auth import Caller
from shared.requests import opened
from shared.rights.record import SubjectRecord, SubjectRecords
from shared.service import Service
from shared.service import router as service_router

MayPull = Annotated[Caller, Depends(May("subject:pull-record"))]


def rights_routes(service: Service) -> APIRouter:
    """The router of what a service holds of subjects."""
    router = service_router(f"{service.name}/subjects", tags=["rights"])

    @router.get("/{subject_id:uuid}/record", name="pull_subject_record")
    async def pull_subject_record(
        subject_id: UUID, records: Annotated[SubjectRecords, Depends(opened(SubjectRecords))], caller: MayPull
    ) -> SubjectRecord:
        """All that this service holds of a subject, for the copy that they are owed (GDPR art. 15 and 20)."""
        return await records.of(subject_id, service.name, service.subjects, service.holdings)

    return router

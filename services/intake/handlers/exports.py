"""A copy of all that is held of a person is put together service by service; who is away is asked again."""

from uuid import UUID

from services.intake.handlers.registry import handlers
from services.intake.store.exports import Exports
from services.intake.store.subjects import HOLDINGS, SUBJECTS
from shared.handlers import Errand
from shared.http import PullFailed
from shared.rights.record import SubjectRecord, SubjectRecords

OURS = "intake"


@handlers.errand(5)
async def collect_exports(errand: Errand) -> bool:
    """Ask one service for its part of a copy; whether there was one to ask for."""
    async with errand.transaction() as transaction:
        claimed = await Exports(transaction).claim()
    if claimed is None:
        return False
    part, person_id = claimed
    try:
        record = await part_of(errand, part.service, person_id)
    except PullFailed as failure:
        async with errand.transaction() as transaction:
            await Exports(transaction).put_off(part, str(failure))
        return True
    async with errand.transaction() as transaction:
        await Exports(transaction).keep(part, record, errand.settings.export_terms)
    return True


async def part_of(errand: Errand, service: str, person_id: UUID) -> SubjectRecord:
    """What a service holds of a person; raises PullFailed."""
    if service != OURS:
        return await errand.http.get(service, f"/{service}/subjects/{person_id}/record", SubjectRecord)
    async with errand.transaction() as transaction:
        return await SubjectRecords(transaction).of(person_id, OURS, SUBJECTS, HOLDINGS)


@handlers.every(3600)
async def expire_exports(exports: Exports) -> bool:
    """Delete what was collected of copies whose time is over."""
    return await exports.expire()

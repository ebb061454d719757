"""What the routes of assessment share: the collections, and the instruments in force."""

from typing import Annotated

from fastapi import Depends

from services.assessment.domain import Content
from services.assessment.store import Registry, Related, Sheets
from shared.requests import opened

SheetsDep = Annotated[Sheets, Depends(opened(Sheets))]
RegistryDep = Annotated[Registry, Depends(opened(Registry))]
RelatedDep = Annotated[Related, Depends(opened(Related))]


async def _content(registry: RegistryDep) -> Content:
    return await registry.content()


ContentDep = Annotated[Content, Depends(_content)]

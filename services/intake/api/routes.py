"""The router that all routes of intake hang on."""

from shared.service import router as service_router

router = service_router("intake", tags=["intake"])

"""What an ingress is in production: one origin, the prefix picks the service; and the development issuer."""

import os

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.host import SideBySide
from shared.local.issuer import DevelopmentIssuer
from shared.settings import Environment


class Proxy:
    """Passes a request on to a service; 502 while it is away."""

    def __init__(self, port: int) -> None:
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        try:
            answer = await self._client.request(
                request.method, url, headers=request.headers.raw, content=await request.body()
            )
            response = Response(answer.content, answer.status_code, dict(answer.headers))
        except httpx.HTTPError:
            response = Response("the service is away", 502)
        await response(scope, receive, send)


if __name__ == "__main__":
    port = int(os.environ["PORT"])
    issuer = DevelopmentIssuer(f"http://127.0.0.1:{port}/auth", Environment.DEVELOPMENT)
    names = ("intake", "cases", "assessment", "scheduler", "referrals")
    apps = {name: Proxy(int(os.environ[f"PORT_{name.upper()}"])) for name in names}
    uvicorn.run(SideBySide({"auth": issuer.app(), **apps}), host="127.0.0.1", port=port, log_level="error")

"""The page at `/` that leads each visitor on; it needs nothing from outside."""

from collections.abc import Sequence
from html import escape

from fastapi import FastAPI
from starlette.responses import HTMLResponse

from shared import problems
from shared.content_policy import content_policy
from shared.problems import LANGUAGES
from shared.service import Service

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}"
    "h1{margin-bottom:0}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;"
    "border-bottom:1px solid #d5dde2}code{background:#eef2f4;padding:.1rem .3rem;overflow-wrap:anywhere}"
    "a{color:#0b5c86}"
)
POLICY = content_policy(f"<style>{STYLE}</style>")


def page(services: Sequence[Service]) -> str:
    """The portal's HTML."""
    rows = "".join(
        f"<tr><th scope='row'>{escape(service.name)}</th>"
        f"<td><a href='/{service.name}/docs'>documentation</a></td>"
        f"<td><a href='/{service.name}/openapi.json'>OpenAPI</a></td>"
        f"<td><a href='/{service.name}/events/asyncapi.json'>events</a></td>"
        f"<td><a href='/{service.name}/health/ready'>health</a></td>"
        f"<td><a href='/{service.name}/metrics'>metrics</a></td></tr>"
        for service in services
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Relais</title>
<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body><main>
<h1>Relais</h1>
<p>Case management for people living with chronic disease.
This is a development run with made-up people.</p>
<h2>Hospital</h2><p>Get a token, push a referral, read its state:
<code>POST /auth/token</code> with <code>grant_type=client_credentials&amp;client_id=hospital-chu</code>, then
<code>POST /referrals</code> and <code>GET /referrals/{{id}}</code>. The same push again gets the same receipt.</p>
<h2>Front-end developer</h2><p>Every service has its documentation and its OpenAPI below; errors are
<a href='/problems'><code>application/problem+json</code></a> with a stable <code>code</code> and pointers.</p>
<h2>Operator</h2><p>Health, metrics and dead letters are under each service's prefix; <code>ready</code> says
<code>degraded</code> while the bus is away, and requests are still taken.</p>
<h2>The services</h2><table>{rows}</table></main></body></html>"""


def problems_page(services: Sequence[Service]) -> str:
    """Every kind of problem by its code, with its titles: what `type` in a problem points to."""
    kinds = {kind.code: kind for kind in problems.KERNEL_KINDS}
    kinds |= {kind.code: kind for service in services for kind in service.errors.values()}
    rows = "".join(
        f"<tr id='{escape(code)}'><th scope='row'><code>{escape(code)}</code></th><td>{kinds[code].status}</td>"
        + "".join(f"<td lang='{language}'>{escape(kinds[code].title(language))}</td>" for language in LANGUAGES)
        + "</tr>"
        for code in sorted(kinds)
    )
    heads = "".join(f"<th>{head}</th>" for head in ("code", "status", *LANGUAGES))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Relais: problems</title>
<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body><main>
<h1>Problems</h1><p>Branch on <code>code</code>; it never changes. <code>errors[].pointer</code> is a JSON Pointer
into what you sent. <a href="/">Portal</a></p><table><tr>{heads}</tr>{rows}</table></main></body></html>"""


def portal(services: Sequence[Service]) -> FastAPI:
    """The app in front of the services."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/")
    async def home() -> HTMLResponse:
        return HTMLResponse(page(services), headers={"content-security-policy": POLICY})

    @app.get("/problems")
    async def kinds() -> HTMLResponse:
        return HTMLResponse(problems_page(services), headers={"content-security-policy": POLICY})

    return app

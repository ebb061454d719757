"""The floor of start-up and memory: nothing but FastAPI, uvicorn and a pool of asyncpg connections."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from fastapi import FastAPI


@asynccontextmanager
async def pool(app: FastAPI) -> AsyncIterator[None]:
    """The pool, open while the app runs."""
    async with asyncpg.create_pool(os.environ["DATABASE"], min_size=1, max_size=20) as app.state.pool:
        yield


app = FastAPI(lifespan=pool)


@app.get("/")
async def answer() -> dict[str, int]:
    """One query."""
    return {"one": await app.state.pool.fetchval("SELECT 1")}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error")

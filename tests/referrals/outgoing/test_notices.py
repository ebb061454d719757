"""Notices by e-mail, to a real mail server: that something waits, and not a word of what."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import ANONYMOUS, SECRETS, answer, ask, knows, work
from tests.referrals.pushes import register

ADDRESS = "accueil@centre.example"


@dataclass
class Postman:
    """Takes mail, or refuses it."""

    taken: list[tuple[list[str], bytes]] = field(default_factory=list)
    refuses: bool = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One message."""
        if self.refuses:
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        self.taken.append((list(envelope.rcpt_tos), envelope.content))
        return "250 taken"

    @property
    def letters(self) -> list[Message]:
        """The messages that were taken."""
        return [message_from_bytes(content) for _, content in self.taken]


@asynccontextmanager
async def listening(postman: Postman) -> AsyncIterator[int]:
    """A mail server on this machine; its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(postman, loop=loop), "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


@dataclass
class Post:
    """The service, and the mail server that it knows."""

    service: UnderTest
    postman: Postman


@pytest.fixture
async def post(run_service: Callable[..., AbstractAsyncContextManager[UnderTest]]) -> AsyncIterator[Post]:
    """A service whose `centre` wants notices by e-mail, and a mail server on this machine."""
    postman = Postman()
    async with listening(postman) as port:
        knobs: dict[str, Any] = {"smtp_url": f"smtp://127.0.0.1:{port}", "smtp_plain": True}
        link = "https://relais.example/inbox"
        async with run_service("referrals", **knobs, notice_from="relais@relais.example", notice_link=link) as running:
            await register(running)
            await knows(running, "centre", channel="email-notice", email=ADDRESS, languages=["nl"])
            yield Post(running, postman)


async def test_a_notice_says_that_something_waits_and_nothing_of_it(post: Post) -> None:
    outgoing = await ask(post.service)
    await post.service.tick()
    [(recipients, raw)] = post.postman.taken
    [letter] = post.postman.letters
    assert recipients == [ADDRESS]
    assert (letter["To"], letter["From"], letter["Auto-Submitted"]) == (
        ADDRESS,
        "relais@relais.example",
        "auto-generated",
    )
    text = letter.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode().split() == [
        *[
            "Er",
            "wacht",
            "een",
            "bericht",
            "op",
            "u",
            "in",
            "Relais.",
            "Meld",
            "u",
            "aan",
            "om",
            "het",
            "te",
            "lezen:",
            "https://relais.example/inbox",
        ]
    ]
    for word in (*SECRETS, outgoing, "housework"):
        assert word.encode() not in raw


async def test_what_has_not_gone_yet_goes_in_one_notice(post: Post) -> None:
    for _ in range(3):
        await ask(post.service, ANONYMOUS)
    await post.service.tick()
    await post.service.tick()
    assert len(post.postman.taken) == 1
    outgoing = await ask(post.service, ANONYMOUS)
    await post.service.tick()
    assert len(post.postman.taken) == 2
    await answer(post.service, outgoing, "question", {"question": "?"})
    await post.service.tick()
    assert len(post.postman.taken) == 2
    await work(post.service, outgoing, "information", {"answer": "!"})
    await post.service.tick()
    assert len(post.postman.taken) == 3


async def test_a_capacity_question_is_noticed_too(post: Post) -> None:
    async with post.service.client("line-nurse") as nurse:
        await nurse.post("/referrals/capacity-questions", json={"organisation": "centre"})
    await post.service.tick()
    assert len(post.postman.taken) == 1


async def test_a_mail_server_that_refuses_is_tried_again_later(post: Post) -> None:
    post.postman.refuses = True
    await ask(post.service)
    for _ in range(3):
        await post.service.tick()
    post.postman.refuses = False
    await post.service.tick()
    assert post.postman.taken == []
    post.service.clock.move(minutes=3)
    await post.service.tick()
    await post.service.tick()
    assert len(post.postman.taken) == 1


async def test_what_comes_while_a_notice_goes_is_not_forgotten(post: Post) -> None:
    await ask(post.service, ANONYMOUS)
    asked = False
    take = Postman.handle_DATA

    async def meanwhile(self: Postman, server: SMTP, session: Session, envelope: Envelope) -> str:
        nonlocal asked
        if not asked:
            asked = True
            async with post.service.app.state.database.raw() as connection:
                await connection.execute("UPDATE notice SET wanted = wanted + 1")
        return await take(self, server, session, envelope)

    Postman.handle_DATA = meanwhile  # type: ignore[method-assign]
    try:
        await post.service.tick()
    finally:
        Postman.handle_DATA = take  # type: ignore[method-assign]
    assert len(post.postman.taken) == 2


async def test_without_tls_nothing_is_sent_unless_the_operator_said_so(
    run_service: Callable[..., AbstractAsyncContextManager[UnderTest]],
) -> None:
    postman = Postman()
    async with listening(postman) as port, run_service("referrals", smtp_url=f"smtp://127.0.0.1:{port}") as running:
        await register(running)
        await knows(running, "centre", channel="email-notice", email=ADDRESS)
        await ask(running)
        await running.tick()
        async with running.app.state.database.raw() as connection:
            assert await connection.fetchval("SELECT tries FROM notice") == 1
    assert postman.taken == []


async def test_a_reminder_to_us_is_no_news_for_the_organisation(post: Post) -> None:
    outgoing = await ask(post.service, ANONYMOUS)
    await post.service.tick()
    await answer(post.service, outgoing, "question", {"question": "Quel étage ?"})
    post.service.clock.move(days=7)
    await post.service.tick()
    await post.service.tick()
    overdue = [data for kind, data in await post.service.announced() if kind == "referrals.outgoing-overdue.v1"]
    assert [each["waits_for"] for each in overdue] == ["placer"]
    assert len(post.postman.taken) == 1

"""The notices by e-mail: they go out one by one, with no content, and are tried again for three days."""

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog
from pydantic import SecretStr

from services.referrals.domain.notice import notice
from services.referrals.handlers.registry import handlers
from services.referrals.settings import Settings
from services.referrals.store import Claim, Notices
from shared.handlers import Errand

TIMEOUT = 20.0
log = structlog.get_logger()


@handlers.errand(30)
async def send_notices(errand: Errand) -> bool:
    """Send the next notice that is owed; whether there was one."""
    settings: Settings = errand.settings
    if settings.smtp_url is None:
        return False
    async with errand.transaction() as transaction:
        claim = await Notices(transaction).claim()
    if claim is None:
        return False
    if claim.email is None:
        log.warning("notice-without-address", organisation=claim.organisation)
    elif not await sent(claim, claim.email, settings, settings.smtp_url):
        return True
    async with errand.transaction() as transaction:
        await Notices(transaction).settle(claim)
    return True


async def sent(claim: Claim, address: str, settings: Settings, url: SecretStr) -> bool:
    """Hand one notice to the mail server; False where it did not take it."""
    try:
        async with server(url.get_secret_value(), settings) as client:
            await client.send_message(letter(claim, address, settings))
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        log.warning("notice-not-sent", organisation=claim.organisation, tries=claim.tries, error=type(error).__name__)
        return False
    return True


def letter(claim: Claim, address: str, settings: Settings) -> EmailMessage:
    """The message: that something waits and where to sign in."""
    message = EmailMessage()
    message["Subject"], text = notice(claim.languages, settings.notice_link)
    message["From"], message["To"] = settings.notice_from, address
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def server(url: str, settings: Settings) -> aiosmtplib.SMTP:
    """The mail server. Without `smtps` the connection must turn to TLS, unless the operator said no."""
    parts = urlsplit(url)
    is_tls = parts.scheme == "smtps"
    return aiosmtplib.SMTP(
        hostname=parts.hostname,
        port=parts.port or (465 if is_tls else 587),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=is_tls,
        start_tls=None if is_tls else not settings.smtp_plain,
        timeout=TIMEOUT,
    )

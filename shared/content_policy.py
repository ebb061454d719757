"""The Content-Security-Policy of a page: what stands in it is allowed by its hash, nothing else inline (CSP 3)."""

import base64
import hashlib
import re

_INLINE = {name: re.compile(rf"<{name}(?:\s[^>]*)?>(.+?)</{name}>", re.DOTALL) for name in ("script", "style")}


def content_policy(page: str, source: str = "'none'") -> str:
    """The policy for a page; `source` is where it may load its parts from: `'self'`, or `'none'` for a whole page."""
    parts = {"default-src": source, "img-src": f"{source} data:" if source != "'none'" else source}
    for name, pattern in _INLINE.items():
        hashes = sorted({f"'sha256-{_digest(text)}'" for text in pattern.findall(page)})
        parts[f"{name}-src"] = " ".join([*hashes, *([source] if source != "'none'" or not hashes else [])])
    closed = dict.fromkeys(("base-uri", "form-action", "frame-ancestors"), "'none'")
    return "; ".join(f"{name} {value}" for name, value in (parts | closed).items())


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

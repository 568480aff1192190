"""What a browser is told beside the console's pages, wherever they are served from."""

from collections.abc import Sequence

from microintern.web.headers import SECURITY


def content_security_policy(connects_to: Sequence[str], files: str) -> str:
    """Scripts and styles of the console's own only; it talks to nobody but those that it is made of.

    `connects_to` are the origins that it sends requests to, `files` the one that uploads and previews are at.
    """
    connects = " ".join(["'self'", *connects_to, files])
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "worker-src 'self'",
            "style-src 'self'",
            f"img-src 'self' {files}",
            f"connect-src {connects}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ]
    )


def of_page(connects_to: Sequence[str], files: str) -> dict[str, str]:
    """All headers of a page: those of the API's answers, with a policy that lets a page be one."""
    return {**SECURITY, "Content-Security-Policy": content_security_policy(connects_to, files)}


KEPT_LONG = "public, max-age=31536000, immutable"
"""Of what has its content's hash in its name."""
ASKED_AGAIN = "no-cache"
"""Of the page itself and its settings."""


def kept(path: str) -> str:
    """How long a browser may keep a file of the console's."""
    return KEPT_LONG if path.startswith("assets/") else ASKED_AGAIN

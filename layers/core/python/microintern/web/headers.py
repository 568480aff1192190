"""The headers that every answer carries: what a browser must not do with it."""

SECURITY = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
"""Of an API that is never a page: nothing is loaded, framed, guessed or told to others."""


def kept_for(seconds: int) -> dict[str, str]:
    """What is the same for everybody may be kept for a while."""
    return {"Cache-Control": f"public, max-age={seconds}"}


NOT_KEPT = {"Cache-Control": "no-store"}
"""What is for one person is kept by nobody."""

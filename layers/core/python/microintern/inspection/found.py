"""What an inspection ends with when it finds something."""

from microintern.domain.documents import Refusal


class Found(Exception):
    """The content is not to be accepted; `refusal` says why, for the person who sent it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.refusal = Refusal(code=code, reason=reason)

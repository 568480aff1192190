"""The HTTP API with an access token, and S3 by the links that the API gives: each request until it is answered."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from microintern_client.errors import ClientError

MOST_TRIES = 8
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 20.0
TIMEOUT = httpx.Timeout(connect=10, read=60, write=60, pool=60)

_PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that say nothing about the request: it is sent again."""


class Refused(ClientError):
    """The API or S3 said no; `code` is for programs, the message for people, `problem` is the whole answer."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status, self.problem = status, problem
        self.code: str = problem.get("code") or f"http_{status}"
        super().__init__(f"{self.code}: {problem.get('detail') or problem.get('message') or problem}")


class Unreachable(ClientError):
    """Nobody answered, however often it was tried. What has arrived stays: run the same again."""


class Passing(Exception):
    """Did not work this time; nothing says that it would not another time."""


class Api:
    """Somebody's view of one deployment. `token` is an access token, or a function that gives a fresh one."""

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str],
        *,
        transport: httpx.BaseTransport | None = None,
        most_tries: int = MOST_TRIES,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`transport` is httpx's, where requests are to go another way."""
        self.url = url.rstrip("/")
        self._token = token
        self._most_tries, self._pause = most_tries, pause
        limits = httpx.Limits(max_connections=32)
        self.http = httpx.Client(timeout=TIMEOUT, limits=limits, transport=transport, follow_redirects=False)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def __enter__(self) -> "Api":
        """For a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def get(self, path: str, **params: Any) -> Any:
        """Read something."""
        return self._call("GET", path, {}, params=params)

    def post(self, path: str, key: str, body: Any = None) -> Any:
        """Send a command under an idempotency key: however often it is sent, it happens once."""
        return self._call("POST", path, {"Idempotency-Key": key}, json=body)

    def pages(self, path: str) -> Iterator[Any]:
        """Every item of a list."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, **cursor)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}

    def until_answered(self, attempt: Callable[[], httpx.Response]) -> httpx.Response:
        """Try until there is an answer that says something; wait longer each time, and never in step with others."""
        for number in range(1, self._most_tries + 1):
            try:
                return self._answer(attempt)
            except (Passing, httpx.TransportError) as failure:
                if number == self._most_tries:
                    detail = f"No answer after {number} tries ({type(failure).__name__}: {failure})."
                    raise Unreachable(f"{detail} Run the same again: it goes on where it stopped.") from failure
                self._pause(random.uniform(0.5, 1) * min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**number))
        raise AssertionError("the last try has answered or raised")

    def _answer(self, attempt: Callable[[], httpx.Response]) -> httpx.Response:
        response = attempt()
        if response.status_code in _PASSING:
            raise Passing(f"HTTP {response.status_code}")
        return response

    def _call(self, method: str, path: str, headers: dict[str, str], **request: Any) -> Any:
        def attempt() -> httpx.Response:
            token = self._token if isinstance(self._token, str) else self._token()
            own = {"Authorization": f"Bearer {token}", **headers}
            return self.http.request(method, self.url + path, headers=own, **request)

        response = self.until_answered(attempt)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            detail = "The access token is missing, wrong or expired; sign in again and run the same again."
            raise Refused(response.status_code, {"code": "unauthorized", "detail": detail})
        answer = _json_of(response)
        if response.is_error:
            raise Refused(response.status_code, answer)
        return answer


def _json_of(response: httpx.Response) -> Any:
    if not response.content:
        return {}
    try:
        return response.json()
    except ValueError:
        return {"detail": f"HTTP {response.status_code}, and not in JSON: is this the address of the API?"}

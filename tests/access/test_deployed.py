"""Who gets what on a deployed stack whose deadlines are days away, so that briefs stay as they are put.

And whatever is asked, the answer is one that the document tells of. `make matrix` and `make fuzz` show the two.
"""

from collections.abc import Iterator

import httpx
import pytest

from infra.local.stack import LocalStack
from microintern.web.headers import SECURITY
from tests.access.fuzz import fuzz
from tests.access.matrix import Matrix
from tests.access.scene import Scene

pytestmark = pytest.mark.local_stack

SEED, SECONDS_EACH = 7, 20
CONSOLE = "https://console.example.com"


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack() as deployed:
        deployed.deploy(web_origin=CONSOLE)
        yield deployed


@pytest.fixture(scope="module")
def scene(stack: LocalStack) -> Scene:
    return Scene(stack)


def test_everybody_gets_exactly_what_the_table_says(scene: Scene) -> None:
    cells = Matrix(scene).cells()
    assert [cell for cell in cells if cell.wrong] == []


def preflight(stack: LocalStack, origin: str) -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    return httpx.options(f"{stack.outputs.api_url}/briefs", headers=asked, timeout=30)


def test_pages_of_the_console_may_call_the_api(stack: LocalStack, scene: Scene) -> None:
    answer = preflight(stack, CONSOLE)
    assert answer.is_success
    assert answer.headers["access-control-allow-origin"] == CONSOLE
    assert {"authorization", "content-type", "idempotency-key"} <= set(
        answer.headers["access-control-allow-headers"].split(",")
    )
    token = {"Authorization": f"Bearer {scene.accounts['student_a'].access_token}"}
    read = httpx.get(f"{stack.outputs.api_url}/me", headers={**token, "Origin": CONSOLE}, timeout=30)
    assert read.headers["access-control-allow-origin"] == CONSOLE


@pytest.mark.parametrize("origin", ["https://evil.example.com", f"{CONSOLE}.evil.example", "null"])
def test_pages_of_others_may_not(stack: LocalStack, scene: Scene, origin: str) -> None:
    assert "access-control-allow-origin" not in preflight(stack, origin).headers
    token = {"Authorization": f"Bearer {scene.accounts['student_a'].access_token}"}
    read = httpx.get(f"{stack.outputs.api_url}/me", headers={**token, "Origin": origin}, timeout=30)
    assert "access-control-allow-origin" not in read.headers


@pytest.mark.parametrize("path", ["/me", "/briefs/not-a-brief-of-anybody", "/payees?year=2026", "/openapi.json"])
def test_answers_carry_the_headers_that_protect_them(stack: LocalStack, scene: Scene, path: str) -> None:
    token = {"Authorization": f"Bearer {scene.accounts['student_a'].access_token}"}
    answer = httpx.get(stack.outputs.api_url + path, headers=token, timeout=30)
    assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY
    assert answer.headers["cache-control"] == ("public, max-age=300" if path == "/openapi.json" else "no-store")


def test_every_answer_is_one_that_the_document_tells_of(scene: Scene) -> None:
    for run in fuzz(scene, SEED, SECONDS_EACH, say=print):
        assert run.cases > 100, run.report
        assert not run.wrong, run.report

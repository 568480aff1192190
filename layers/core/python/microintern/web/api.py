"""An HTTP API function: Powertools routes, refusals as RFC 9457 problem details, one log line per request."""

import base64
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.typing import LambdaContext

from microintern.domain.problems import Problem, TooLarge, Unsupported, no_such
from microintern.failures import facts_of
from microintern.settings import EdgeSettings, load
from microintern.web import json_body
from microintern.web.caller import admitted
from microintern.web.headers import NOT_KEPT, SECURITY
from microintern.web.origin import check_origin
from microintern.web.problem import PROBLEM_JSON, problem_body

MOST_BODY_BYTES = 65_536
_NEVER_LOGGED = frozenset({"handle"})
"""Parts of paths that may be somebody's name; all others are ids."""
_OUR_FAULT = "Something went wrong on our side; nothing was half-done. Try again with the same Idempotency-Key."

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


class Api(APIGatewayHttpResolver):
    """A resolver that validates against the models and refuses in one way."""

    def __init__(
        self,
        *,
        signed: bool = False,
        most_body_bytes: int = MOST_BODY_BYTES,
        reads: Mapping[str, Callable[[bytes], str]] | None = None,
    ) -> None:
        """One whose bodies are `signed` reads them only after the signature.

        `reads` says, by media type, how the JSON is found in what is sent in another form.
        """
        self.signed = signed
        self.most_body_bytes = most_body_bytes
        self.reads = reads or {}
        super().__init__(enable_validation=True, json_body_deserializer=json_body.parse)
        self.logger = Logger()
        self._origin_secret_arn = load(EdgeSettings).origin_secret_arn
        self.exception_handler(Problem)(self._refuse)
        self.exception_handler(RequestValidationError)(self._refuse_invalid)
        self.exception_handler(NotFoundError)(self._refuse_unknown)
        self.exception_handler(Exception)(self._fail)

    def answer(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer one request; what is logged are ids, the route and the outcome."""
        self.problem_code: str | None = None
        event = dict(event)
        response = self._refused_at_door(event) or self.resolve(event, context)
        response["headers"] = {**SECURITY, **NOT_KEPT, **response.get("headers", {})}
        self.logger.info(
            "request",
            request_id=event["requestContext"]["requestId"],
            route=event["routeKey"],
            path_parameters={k: v for k, v in (event.get("pathParameters") or {}).items() if k not in _NEVER_LOGGED},
            status=int(response["statusCode"]),
            problem=self.problem_code,
        )
        return response

    def _refused_at_door(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """The refusal of whoever may not act, or of what is not to be parsed: before anything that was sent is read."""
        try:
            check_origin(self._origin_secret_arn, event["headers"])
            self.append_context(caller=admitted(event))  # type: ignore[no-untyped-call]
            self._read(event)
            problem = _unreadable(event, self.most_body_bytes)
            if problem is None and event.get("body") and not self.signed:
                json_body.parse(event["body"])  # also where the route asks for none
        except Problem as refusal:
            problem = refusal
        except Exception as error:
            self.logger.error("unexpected", **facts_of(error))
            return self._unread(event, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", _OUR_FAULT, {})
        if problem is None:
            return None
        return self._unread(event, problem.status, problem.code, problem.detail, problem.members)

    def _read(self, event: dict[str, Any]) -> None:
        """Have what was sent in another form that is read here be the JSON that it holds."""
        read, body = self.reads.get(_media_type(event)), event.get("body") or ""
        if read is None or len(body) > 2 * self.most_body_bytes:
            return
        sent = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
        headers = {**event["headers"], "content-type": "application/json"}
        event.update(body=read(sent), isBase64Encoded=False, headers=headers)

    def _refuse(self, problem: Problem) -> Response[str]:
        return self._problem(problem.status, problem.code, problem.detail, problem.members)

    def _refuse_invalid(self, error: RequestValidationError) -> Response[str]:
        errors = [_field_error(entry) for entry in error.errors()]
        detail = "; ".join(f"{e['field'] or '/'}: {e['detail']}" for e in errors[:5])
        return self._problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, {"errors": errors})

    def _refuse_unknown(self, _: NotFoundError) -> Response[str]:
        """API Gateway took the path for one of ours, but what stands in it can be no id."""
        return self._refuse(no_such("thing"))

    def _fail(self, error: Exception) -> Response[str]:
        self.logger.error("unexpected", **facts_of(error))
        return self._problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", _OUR_FAULT, {})

    def _problem(self, status: int, code: str, detail: str, members: dict[str, Any]) -> Response[str]:
        self.problem_code = code
        body = problem_body(self.current_event.raw_event, status, code, detail, members)
        return Response(status, PROBLEM_JSON, body)

    def _unread(
        self, event: dict[str, Any], status: int, code: str, detail: str, members: dict[str, Any]
    ) -> dict[str, Any]:
        self.problem_code = code
        headers = {"Content-Type": PROBLEM_JSON}
        if "retry_after_s" in members:
            headers["Retry-After"] = str(members["retry_after_s"])
        body = problem_body(event, status, code, detail, members)
        return {"statusCode": int(status), "headers": headers, "body": body}


def _media_type(event: dict[str, Any]) -> str:
    sent: str = (event.get("headers") or {}).get("content-type", "application/json")
    return sent.partition(";")[0].strip().lower()


def _unreadable(event: dict[str, Any], most_bytes: int) -> Problem | None:
    """What is wrong with a body that is not even to be parsed."""
    body = event.get("body") or ""
    if len(body.encode()) > most_bytes:
        return TooLarge("body_too_large", f"The body has more than {most_bytes} bytes; files are uploaded apart.")
    if body and (_media_type(event) != "application/json" or event.get("isBase64Encoded")):
        return Unsupported("not_sent_as_json", "Send the body as application/json, in UTF-8.")
    return None


def _field_error(entry: dict[str, Any]) -> dict[str, str]:
    """One broken rule, its field as a JSON pointer; `query:` or `path:` stands before what is not in the body."""
    where, *path = entry["loc"]
    prefix = "" if where == "body" else f"{where}:"
    pointer = "".join(f"/{part}" for part in path)
    return {"field": f"{prefix}{pointer}", "rule": entry["type"], "detail": entry["msg"].removeprefix("Value error, ")}

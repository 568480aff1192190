"""Where the emulator differs from AWS so that this project would notice, made good from inside its process.

Each function here says what AWS does, and `tests/conformance` has a test for it: when a new release of the
emulator passes that test without the adjustment, drop the adjustment. The emulator's modules are reached by
name, for the type checker runs in another environment, which doesn't have them.
"""

import importlib
import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

Data = dict[str, Any]
Answer = tuple[Any, ...]

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
CONFIRMED = "PostConfirmation_ConfirmSignUp"


def apply() -> None:
    """Adjust the emulator, once, before it serves."""
    # It looks for due schedules every 10 s. AWS promises no more, but deadlines in tests are seconds long.
    service("scheduler")._SCHEDULE_TICK_INTERVAL = 1
    iam_actions = importlib.import_module("ministack.core.iam_actions")
    name_groups_of_schedules(iam_actions)
    name_machines_of_tokens(iam_actions, service("stepfunctions"))
    verify_posted_checksums(service("s3"))
    name_downloads_of_versions(service("s3"))
    name_versions_in_events(service("s3"), service("eventbridge"))
    retry_partly_failed_batches(service("lambda_svc"))
    retry_events(service("eventbridge"), service("lambda_svc"))
    deliver_sign_up_triggers(service("cognito"))


def service(name: str) -> Any:
    """One of the emulator's services."""
    return importlib.import_module(f"ministack.services.{name}")


def name_groups_of_schedules(iam_actions: Any) -> None:
    """A permission on a schedule names its group; the emulator takes every schedule for one of `default`."""
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(
        service: str, method: str, path: str, headers: Data, body: bytes, query: Data, *account: str
    ) -> Any:
        arn = extract(service, method, path, headers, body, query, *account)
        if service != "scheduler" or ":schedule/default/" not in arn:
            return arn
        group = query.get("groupName") or json.loads(body or b"{}").get("GroupName") or "default"
        name = group[0] if isinstance(group, list) else group
        return arn.replace(":schedule/default/", f":schedule/{name}/")

    iam_actions.extract_resource_arn = extract_resource_arn


def name_machines_of_tokens(iam_actions: Any, stepfunctions: Any) -> None:
    """Answering a waiting task is a permission on the state machine that waits; the emulator asks for one on `*`."""
    extract = iam_actions.extract_resource_arn
    execute, invoke = stepfunctions._execute_task, stepfunctions._invoke_with_callback
    machine: ContextVar[str] = ContextVar("machine", default="*")
    machine_of_token: dict[str, str] = {}

    def execute_task(state_def: Data, raw_input: Any, execution: Data, ctx: Data) -> Any:
        token = machine.set(execution["stateMachineArn"])
        try:
            return execute(state_def, raw_input, execution, ctx)
        finally:
            machine.reset(token)

    def invoke_with_callback(resource: str, input_data: Any, task_token: str, state_def: Data) -> Any:
        machine_of_token[task_token] = machine.get()
        return invoke(resource, input_data, task_token, state_def)

    def extract_resource_arn(service: str, method: str, path: str, headers: Data, body: bytes, *more: Any) -> Any:
        if service == "states" and b'"taskToken"' in body:
            return machine_of_token.get(json.loads(body)["taskToken"], "*")
        return extract(service, method, path, headers, body, *more)

    stepfunctions._execute_task, stepfunctions._invoke_with_callback = execute_task, invoke_with_callback
    iam_actions.extract_resource_arn = extract_resource_arn


def verify_posted_checksums(s3: Any) -> None:
    """Check a form upload's `x-amz-checksum-*` field against the content, and store it with the object."""
    post, build = s3._post_object, s3._build_object_record
    posted: ContextVar[Data | None] = ContextVar("posted", default=None)

    def post_object(bucket: str, body: bytes, headers: Data) -> Answer:
        parts = {name.lower(): value for name, _, _, value in s3._parse_multipart_form(headers["content-type"], body)}
        content = parts.pop("file", b"")
        fields = {name: value.decode(errors="replace") for name, value in parts.items()}
        checksums, refused = s3._resolve_object_checksums(content, fields)
        if refused:
            return tuple(refused)
        token = posted.set(checksums)
        try:
            return tuple(post(bucket, body, headers))
        finally:
            posted.reset(token)

    def build_object_record(body: bytes, headers: Data, etag: str | None = None, checksums: Data | None = None) -> Data:
        record: Data = build(body, headers, etag=etag, checksums=checksums or posted.get())
        return record

    s3._post_object, s3._build_object_record = post_object, build_object_record


def name_downloads_of_versions(s3: Any) -> None:
    """A link's `response-*` parameters count for a download of one version as well, not only of the newest."""
    get = s3._get_object

    def get_object(bucket: str, key: str, headers: Data, query: Data) -> Answer:
        status, answer_headers, body = get(bucket, key, headers, query)
        if "versionId" in query and status == 200:
            s3._apply_response_overrides(answer_headers, query)
        return status, answer_headers, body

    s3._get_object = get_object


def name_versions_in_events(s3: Any, eventbridge: Any) -> None:
    """The event of an object in a versioned bucket names the version that was written."""
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event
    version: ContextVar[str | None] = ContextVar("version", default=None)

    def fire_s3_event(*args: Any, version_id: str | None = None, **kwargs: Any) -> None:
        token = version.set(version_id)
        try:
            fire(*args, version_id=version_id, **kwargs)
        finally:
            version.reset(token)

    def dispatch_event(event: Data, *args: Any, **kwargs: Any) -> Any:
        if event.get("Source") == "aws.s3" and (version_id := version.get()):
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version_id
            event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, *args, **kwargs)

    s3._fire_s3_event, eventbridge._dispatch_event = fire_s3_event, dispatch_event


def retry_partly_failed_batches(functions: Any) -> None:
    """Send a batch again that names `batchItemFailures`. AWS does so from the first failed record on."""
    execute = functions._execute_function

    def execute_function(function: Data, event: Any) -> Data:
        result: Data = execute(function, event)
        body = result.get("body")
        if not (is_stream_batch(event) and isinstance(body, dict) and body.get("batchItemFailures")):
            return result
        failure = {"errorType": "PartialBatchFailure", "errorMessage": json.dumps(body["batchItemFailures"])}
        return {**result, "error": True, "body": failure}

    functions._execute_function = execute_function


def is_stream_batch(event: Any) -> bool:
    """Whether an event is a batch of records of a table's stream."""
    records = event.get("Records") if isinstance(event, dict) else None
    return isinstance(records, list) and bool(records) and records[0].get("eventSource") == "aws:dynamodb"


def retry_events(eventbridge: Any, functions: Any) -> None:
    """Rules and schedules invoke functions asynchronously: with retries, then a place for what failed."""
    dispatch = eventbridge._dispatch_to_lambda

    def dispatch_to_lambda(arn: str, payload: str) -> None:
        record, config, _ = functions._get_func_record_for_ref(arn)
        if record is None or config is None:
            dispatch(arn, payload)
        else:
            functions.invoke_async_with_retry(
                functions._execution_record_for_config(record, config), json.loads(payload)
            )

    eventbridge._dispatch_to_lambda = dispatch_to_lambda


def deliver_sign_up_triggers(cognito: Any) -> None:
    """A pool's functions get PostConfirmation too, and PreSignUp for accounts that an administrator makes."""
    confirm, admin_confirm = cognito._confirm_sign_up, cognito._admin_confirm_sign_up
    admin_create = cognito._admin_create_user

    def confirm_sign_up(data: Data) -> Answer:
        pool = cognito._pool_for_client(data.get("ClientId"))[0]
        return after_confirmation(cognito, pool, data, data.get("ClientId", ""), confirm(data))

    def admin_confirm_sign_up(data: Data) -> Answer:
        pool = cognito._user_pools.get(data.get("UserPoolId"))
        return after_confirmation(cognito, pool, data, NO_CLIENT, admin_confirm(data))

    def admin_create_user(data: Data) -> Answer:
        pool = cognito._user_pools.get(data.get("UserPoolId"))
        if pool is None:
            return tuple(admin_create(data))
        attributes = cognito._attr_list_to_dict(data.get("UserAttributes", []))
        event = trigger_event(cognito, pool, data.get("Username", ""), attributes, "PreSignUp_AdminCreateUser")
        return invoke_trigger(cognito, pool, "PreSignUp", event) or tuple(admin_create(data))

    cognito._confirm_sign_up = confirm_sign_up
    cognito._admin_confirm_sign_up = admin_confirm_sign_up
    cognito._admin_create_user = admin_create_user


def after_confirmation(cognito: Any, pool: Data | None, data: Data, client_id: str, answer: Answer) -> Answer:
    """The answer to a confirmation, or its trigger's error; the user stays confirmed then, as on AWS."""
    if answer[0] != 200 or pool is None:
        return answer
    user = cognito._resolve_user(pool, data.get("Username"))[0]
    attributes = {**cognito._attr_list_to_dict(user["Attributes"]), "cognito:user_status": "CONFIRMED"}
    event = trigger_event(cognito, pool, user["Username"], attributes, CONFIRMED, client_id)
    del event["request"]["validationData"]
    event["response"] = {}
    return invoke_trigger(cognito, pool, "PostConfirmation", event) or answer


def trigger_event(
    cognito: Any, pool: Data, username: str, attributes: Data, source: str, client_id: str = NO_CLIENT
) -> Data:
    """The payload of a trigger, in the shape that Cognito's developer guide gives."""
    build: Callable[..., Data] = cognito._build_presignup_event
    return build(
        pool_id=pool["Id"],
        client_id=client_id,
        username=username,
        user_attrs=attributes,
        trigger_source=source,
    )


def invoke_trigger(cognito: Any, pool: Data, name: str, event: Data) -> Answer | None:
    """Run one of the pool's functions; None when it isn't set or worked, else the error for the caller."""
    arn = (pool.get("LambdaConfig") or {}).get(name)
    if not arn:
        return None
    functions = service("lambda_svc")
    record, config, _ = functions._get_func_record_for_ref(arn)
    if record is None or config is None:
        return refusal(cognito, name, f"the function {arn} doesn't exist")
    runnable = functions._execution_record_for_config(record, config)
    result: Data = functions._execute_function_with_config_scope(runnable, event)
    if not result.get("error"):
        return None
    body = result.get("body")
    return refusal(cognito, name, body.get("errorMessage", body) if isinstance(body, dict) else body)


def refusal(cognito: Any, name: str, reason: object) -> Answer:
    """What Cognito answers when a trigger fails."""
    message = f"{name} failed with error {reason}."
    return tuple(cognito.error_response_json("UserLambdaValidationException", message, 400))

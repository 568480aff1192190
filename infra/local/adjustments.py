"""Where the emulator differs from AWS so that this project would notice, made good from inside its process.

Each function here says what AWS does, and `tests/conformance` has a test for it: when a new release of the
emulator passes that test without the adjustment, drop the adjustment. Those of how a function's code comes to the disk
only save time. The emulator's modules are reached by name, for the type checker runs in another environment,
which doesn't have them.
"""

import hashlib
import importlib
import json
import shutil
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any

Data = dict[str, Any]
Answer = tuple[Any, ...]

FOR_EVER = -1
NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
CONFIRMED = "PostConfirmation_ConfirmSignUp"


def apply() -> None:
    """Adjust the emulator, once, before it serves."""
    # It looks for due schedules every 10 s. AWS promises no more, but deadlines in tests are seconds long.
    service("scheduler")._SCHEDULE_TICK_INTERVAL = 1
    iam_actions = importlib.import_module("ministack.core.iam_actions")
    name_groups_of_schedules(iam_actions)
    name_streams_read_by_hand(iam_actions, service("dynamodb_streams"))
    name_senders_of_mail(iam_actions)
    name_machines_of_tokens(iam_actions, service("stepfunctions"))
    fail_waits_of_failed_functions(service("stepfunctions"))
    give_each_attempt_its_token(service("stepfunctions"))
    let_stopped_executions_start_again(service("stepfunctions"))
    verify_posted_checksums(service("s3"))
    name_versions_in_events(service("s3"), service("eventbridge"))
    honour_headers_asked_for(service("s3"))
    read_streams_from_their_start(service("lambda_svc"))
    runtime = importlib.import_module("ministack.core.lambda_runtime")
    remove_old_code_aside(runtime)
    share_layers(runtime)
    retry_failed_records(service("lambda_svc"))
    retry_events(service("eventbridge"), service("lambda_svc"))
    deliver_sign_up_triggers(service("cognito"))
    keep_groups_when_renewed(service("cognito"))
    let_deployed_origins_call(service("apigateway"))


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


def name_streams_read_by_hand(iam_actions: Any, streams: Any) -> None:
    """Reading a stream without a mapping is a permission on that stream; the emulator asks for one on `*`."""
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, method: str, path: str, headers: Data, body: bytes, *more: Any) -> Any:
        arn = extract(service, method, path, headers, body, *more)
        if not service.startswith("dynamodb") or arn != "*":
            return arn
        asked = json.loads(body or b"{}")
        iterator = streams._decode_iterator(asked.get("ShardIterator") or "") or {}
        return asked.get("StreamArn") or iterator.get("arn") or arn

    iam_actions.extract_resource_arn = extract_resource_arn


def name_senders_of_mail(iam_actions: Any) -> None:
    """Sending a mail is a permission on the identity that it is sent as; the emulator asks for one on `*`."""
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, method: str, path: str, headers: Data, body: bytes, *more: Any) -> Any:
        arn = extract(service, method, path, headers, body, *more)
        if service != "ses" or arn != "*" or not path.endswith("/outbound-emails"):
            return arn
        sender = json.loads(body or b"{}").get("FromEmailAddress", "")
        *_, region, account_id = more
        return f"arn:aws:ses:{region}:{account_id}:identity/{sender.rpartition('<')[2].rstrip('>')}"

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


def fail_waits_of_failed_functions(stepfunctions: Any) -> None:
    """A function that was to answer a token and raises fails the task at once; here it would wait for its timeout."""
    call, invoke = stepfunctions._call_lambda, stepfunctions._invoke_with_callback
    waiting: ContextVar[str | None] = ContextVar("waiting", default=None)

    def invoke_with_callback(resource: str, input_data: Any, task_token: str, state_def: Data) -> Any:
        reset = waiting.set(task_token)
        try:
            return invoke(resource, input_data, task_token, state_def)
        finally:
            waiting.reset(reset)

    def call_lambda(function: Any, event: Any) -> Any:
        try:
            return call(function, event)
        except stepfunctions._ExecutionError as error:
            wait = stepfunctions._task_tokens.get(waiting.get())
            if wait and not wait["event"].is_set():
                wait["error"] = {"Error": error.error, "Cause": error.cause}
                wait["event"].set()
            raise

    stepfunctions._invoke_with_callback, stepfunctions._call_lambda = invoke_with_callback, call_lambda


def give_each_attempt_its_token(stepfunctions: Any) -> None:
    """A task that is tried again gets another token; here it keeps the first, and its second wait cannot be told."""
    execute, invoke = stepfunctions._execute_task, stepfunctions._invoke_with_callback
    context: ContextVar[Data] = ContextVar("context")

    def execute_task(state_def: Data, raw_input: Any, execution: Data, ctx: Data) -> Any:
        reset = context.set(ctx)
        try:
            return execute(state_def, raw_input, execution, ctx)
        finally:
            context.reset(reset)

    def invoke_with_callback(resource: str, input_data: Any, task_token: str, state_def: Data) -> Any:
        try:
            return invoke(resource, input_data, task_token, state_def)
        except stepfunctions._ExecutionError:
            context.get()["Task"] = {"Token": stepfunctions.new_uuid()}
            raise

    stepfunctions._execute_task, stepfunctions._invoke_with_callback = execute_task, invoke_with_callback


def let_stopped_executions_start_again(stepfunctions: Any) -> None:
    """On AWS nothing stops an execution but its own end. Those that this emulator's restart ended may start again."""
    restart = "States.ServiceRestart"
    start = stepfunctions._start_execution

    def start_execution(data: Data) -> Any:
        executions = stepfunctions._executions
        arn = f"{data['stateMachineArn'].replace(':stateMachine:', ':execution:')}:{data.get('name')}"
        if arn in executions and executions[arn].get("error") == restart:
            del executions[arn]
        return start(data)

    stepfunctions._start_execution = start_execution


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


def honour_headers_asked_for(s3: Any) -> None:
    """Of one version, too, a part can be had, and a link may set the headers, such as the name to save it under."""
    get = s3._get_object

    def get_object(bucket: str, key: str, headers: Data, query: Data, *args: Any, **kwargs: Any) -> Answer:
        answer: Answer = get(bucket, key, headers, query, *args, **kwargs)
        if answer[0] == HTTPStatus.OK and "versionId" in query:
            s3._apply_response_overrides(answer[1], query)
            return part_asked_for(s3, headers, answer)
        return answer

    s3._get_object = get_object


def part_asked_for(s3: Any, headers: Data, answer: Answer) -> Answer:
    """Of a whole object, the range that the request names."""
    _, found, body = answer
    if not headers.get("range"):
        return answer
    if (part := s3._parse_range(headers["range"], len(body))) is None:
        refusal = {"Content-Type": "application/xml", "Content-Range": f"bytes */{len(body)}"}
        return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, refusal, s3._xml_body(s3._range_error_xml("", ""))
    first, last = part
    kept = {name: value for name, value in found.items() if not name.lower().startswith("x-amz-checksum-")}
    shown = {"Content-Length": str(last - first + 1), "Content-Range": f"bytes {first}-{last}/{len(body)}"}
    return HTTPStatus.PARTIAL_CONTENT, kept | shown, body[first : last + 1]


def read_streams_from_their_start(functions: Any) -> None:
    """A restart empties the tables' streams here, but their readers would go on from where they were, past the end."""
    poll = functions._poll_dynamodb_streams
    forget_once = iter([functions._dynamodb_stream_positions.clear])

    def poll_streams() -> Any:
        next(forget_once, bool)()
        return poll()

    functions._poll_dynamodb_streams = poll_streams


def remove_old_code_aside(runtime: Any) -> None:
    """Nobody waits while a function changes; the emulator would answer nothing until its old code is off the disk."""

    def discard(worker: Any) -> None:
        threading.Thread(target=shutil.rmtree, args=(worker._tmpdir, True), daemon=True).start()

    runtime.Worker._discard_tmpdir = discard


def share_layers(runtime: Any) -> None:
    """Unpack a layer once, and compile it once; the emulator would do both for each process of each function.

    What differs from AWS is only how long a function takes to start, and what a deployment takes of the disk.
    """
    folder, unpacking = Path(tempfile.mkdtemp(prefix="layers-")), threading.Lock()

    class Archive(zipfile.ZipFile):
        def extractall(self, path: Any = None, *args: Any, **kwargs: Any) -> None:
            target = Path(path)
            if not target.name.startswith("layer_"):
                super().extractall(path, *args, **kwargs)
                return
            shared = folder / hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
            with unpacking:
                if not shared.exists():
                    scratch = shared.with_suffix(".part")
                    super().extractall(scratch, *args, **kwargs)
                    scratch.rename(shared)
            target.rmdir()
            target.symlink_to(shared)

    runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": Archive})


def retry_failed_records(functions: Any) -> None:
    """Retry what a stream's consumer fails on, `batchItemFailures` too; after the last attempt, park it alone.

    AWS starts again from the first failed record and halves the batch; here the whole batch comes again each
    time, and is split into its records once, at the end.
    """
    execute = functions._execute_function
    tries: Counter[str] = Counter()

    def execute_function(function: Data, event: Any) -> Data:
        result: Data = execute(function, event)
        if not (is_stream_batch(event) and has_failed(result)):
            return result
        batch = event["Records"]
        mapping = mapping_of(functions, function, batch[0]["eventSourceARN"])
        first = f"{mapping['UUID']} {batch[0]['dynamodb']['SequenceNumber']}"
        tries[first] += 1
        most_retries = mapping.get("MaximumRetryAttempts", FOR_EVER)
        if most_retries == FOR_EVER or tries[first] <= most_retries:
            return {**result, "error": True, "body": {"errorType": "BatchFailed"}}
        for record in batch:
            alone = execute(function, {"Records": [record]})
            if has_failed(alone):
                arn, why = record["eventSourceARN"], "RetryAttemptsExhausted"
                functions._send_ddb_stream_failure_record(mapping, function, [record], arn, alone, why)
        return {**result, "error": False, "body": None}

    functions._execute_function = execute_function


def has_failed(result: Data) -> bool:
    """Whether a consumer raised, or named records that it couldn't handle."""
    body = result.get("body")
    return bool(result.get("error") or (isinstance(body, dict) and body.get("batchItemFailures")))


def mapping_of(functions: Any, function: Data, stream_arn: str) -> Data:
    """The event source mapping by which a function gets a stream's records."""
    name = function["config"]["FunctionName"]
    mappings: list[Data] = [mapping for _, _, mapping in functions._iter_all_esms()]
    return next(m for m in mappings if m["FunctionName"] == name and m["EventSourceArn"] == stream_arn)


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


def keep_groups_when_renewed(cognito: Any) -> None:
    """A token that was renewed at `/oauth2/token` names its account's groups as the first did; here it names none."""
    make = cognito._fake_token

    def fake_token(sub: str, pool_id: str, *args: Any, username: str = "", **kwargs: Any) -> Any:
        if kwargs.get("trigger_source") == "TokenGeneration_RefreshTokens" and not kwargs.get("groups"):
            user = (cognito._get_pool_unscoped(pool_id) or {}).get("_users", {}).get(username, {})
            kwargs["groups"] = user.get("_groups", [])
        return make(sub, pool_id, *args, username=username, **kwargs)

    cognito._fake_token = fake_token


def after_confirmation(cognito: Any, pool: Data | None, data: Data, client_id: str, answer: Answer) -> Answer:
    """The answer to a confirmation, or its trigger's error; the user stays confirmed then, as on AWS."""
    if answer[0] != HTTPStatus.OK or pool is None:
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


def let_deployed_origins_call(apigateway: Any) -> None:
    """Who may call an API from a web page can be said in a template, too; the emulator reads its own API's only."""
    headers, preflight = apigateway._cors_response_headers, apigateway._cors_preflight_response

    def named(config: Data) -> Data:
        return {name[:1].lower() + name[1:]: value for name, value in (config or {}).items()}

    apigateway._cors_response_headers = lambda config, origin: headers(named(config), origin)
    apigateway._cors_preflight_response = lambda config, origin: preflight(named(config), origin)

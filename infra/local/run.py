"""`make run`: keeps the system up on this machine, with sample accounts and briefs, until Ctrl-C.

Accounts, briefs and files outlive a restart; `make run RESET=1` starts afresh.
"""

import json
import os
import shutil
import time

from infra.local import running
from infra.local.accounts import PASSWORD, ROLES, Account, create_account, exists, sign_in
from infra.local.console import Console
from infra.local.inspection import SENT_MAIL
from infra.local.sample.briefs import post_samples
from infra.local.stack import LocalStack
from infra.local.steps import LOCAL, StepFailed, exit_with_reason, step

STATE = LOCAL / "state"
SAMPLES_POSTED = STATE / "samples-posted"
CHECK_EVERY_S = 1.0
CONSOLE_PORT = STATE / "console-port"
"""Where the console's port is noted: the stack knows its address. CONSOLE_PORT=8080 make run names one."""


def main() -> None:
    """Start, deploy, fill, tell how to use it, wait."""
    if running.is_running():
        raise StepFailed("A local stack is running already: stop it with Ctrl-C where it was started.")
    if os.environ.get("RESET", "0") not in ("", "0"):
        shutil.rmtree(STATE, ignore_errors=True)
    with Console(console_port()) as console, LocalStack(kept_state=STATE) as stack:
        CONSOLE_PORT.write_text(console.origin.rpartition(":")[2])
        stack.deploy(web_origin=console.origin)
        accounts = sample_accounts(stack)
        resume(stack)
        add_samples(stack, accounts)
        try:
            running.announce(stack)
            console.serve(stack.outputs, stack.endpoint)
            print(how_to_use(stack, console.origin))
            wait(stack)
        except KeyboardInterrupt:
            print("\nStopping; the state is kept in .local/state.", flush=True)
        finally:
            running.withdraw()


def console_port() -> int:
    """The one that is asked for, else the one of the last time, else any."""
    last = CONSOLE_PORT.read_text() if CONSOLE_PORT.exists() else "0"
    return int(os.environ.get("CONSOLE_PORT") or last)


def address(role: str) -> str:
    """The e-mail address of a role's sample account."""
    return f"{role}@example.com"


def sample_accounts(stack: LocalStack) -> dict[str, Account]:
    """One account for each role, made when it isn't there yet."""
    with step("sample accounts"):
        return {
            role: sign_in(stack, address(role))
            if exists(stack, address(role))
            else create_account(stack, role, address(role))
            for role in ROLES
        }


def resume(stack: LocalStack) -> None:
    """Start again the workflows that stopped with the local AWS: each catches up with its brief by itself."""
    workflow, machine = stack.client("stepfunctions"), stack.outputs.state_machine_arn
    pages = workflow.get_paginator("list_executions").paginate(stateMachineArn=machine, statusFilter="FAILED")
    for name in [execution["name"] for page in pages for execution in page["executions"]]:
        workflow.start_execution(stateMachineArn=machine, name=name, input=json.dumps({"brief_id": name}))


def add_samples(stack: LocalStack, accounts: dict[str, Account]) -> None:
    """Post the sample briefs, once for each kept state."""
    if SAMPLES_POSTED.exists():
        return
    with step("sample briefs"):
        post_samples(stack.outputs.api_url, {role: account.access_token for role, account in accounts.items()})
    SAMPLES_POSTED.touch()


def how_to_use(stack: LocalStack, console_url: str) -> str:
    """What somebody needs to know to use the running system."""
    api_url = stack.outputs.api_url
    return f"""
The system is up. Ctrl-C stops it.

  Console    {console_url}
  API        {api_url}
  OpenAPI    {api_url}/openapi.json
  AWS        {stack.endpoint}  (keys test / test, region us-east-1)
  Accounts   {", ".join(address(role) for role in ROLES)}
  Password   {PASSWORD}
  E-mails    {stack.endpoint}{SENT_MAIL}  (what was sent, as JSON; nothing leaves this machine)

  In another terminal:
    TOKEN=$(.venv/bin/python -m infra.local.token student)     a token, good for an hour
    curl -H "Authorization: Bearer $TOKEN" '{api_url}/briefs'
    make invoke FUNCTION=openapi EVENT=events/samples/openapi/read_description.json
"""


def wait(stack: LocalStack) -> None:
    """Stay until interrupted, or until the local AWS has died."""
    while True:
        time.sleep(CHECK_EVERY_S)
        stack.emulator.check_alive()


if __name__ == "__main__":
    exit_with_reason(main)

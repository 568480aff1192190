"""The whole system on this machine: a local AWS, and the `cdk deploy` that a user of AWS runs."""

import json
import os
import re
import time
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from infra.local.process import ACCOUNT, REGION, Emulator
from infra.local.steps import LOCAL, ROOT, StepFailed, run_step, running_in_own_group, step, tail, tool_env

Windows = Literal["usual", "short"]
STACK_DONE = re.compile(r"^\s*✅\s+(?P<stack>[\w-]+)(?: \([\w-]+\))?(?P<note> \(no changes\))?$")
CDK = str(ROOT / "node_modules" / ".bin" / "cdk")


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What the stacks say about themselves; each field is the CfnOutput of that name in CamelCase."""

    api_id: str
    api_url: str
    user_pool_id: str
    user_pool_client_id: str
    brief_table: str
    account_table: str
    ledger_table: str
    audit_table: str
    trail_table: str
    record_table: str
    sandbox_table: str
    files_bucket: str
    event_bus: str
    state_machine_arn: str
    function_settlement: str
    function_sweep: str
    function_reconcile: str
    function_tidy: str
    function_check_trails: str
    function_erase: str
    function_notify: str
    function_records: str
    function_remind: str
    function_send_mail: str
    function_mail_returns: str
    mail_secret_arn: str

    @classmethod
    def read(cls, stacks: dict[str, dict[str, str]], endpoint: str) -> Self:
        """From the CDK's outputs file; the API's address is one that needs no DNS."""
        found = {name: value for outputs in stacks.values() for name, value in outputs.items()}
        found["ApiUrl"] = f"{endpoint}/_aws/execute-api/{found.get('ApiId')}/$default"
        names = {field.name: "".join(map(str.title, field.name.split("_"))) for field in fields(cls)}
        if missing := [name for name in names.values() if name not in found]:
            raise StepFailed(f"The stacks lack the outputs {', '.join(missing)}.")
        return cls(**{field: found[name] for field, name in names.items()})


class LocalStack:
    """A local AWS with the system deployed to it. Use it in a `with` block: nothing stays behind."""

    def __init__(self, kept_state: Path | None = None) -> None:
        """Prepare one; its state is thrown away unless a directory is given for it."""
        self.emulator = Emulator(kept_state)
        self.endpoint = self.emulator.endpoint
        self.client = self.emulator.client
        self._outputs: Outputs | None = None

    def __enter__(self) -> Self:
        """Start the local AWS."""
        with step("local AWS starts"):
            self.emulator.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it, with everything that it runs."""
        self.stop()

    def stop(self) -> None:
        """Stop the local AWS with everything that it runs; its state goes too, unless it is to be kept."""
        self.emulator.stop()

    @property
    def outputs(self) -> Outputs:
        """What the deployed stacks say about themselves."""
        if self._outputs is None:
            raise StepFailed("Nothing is deployed yet.")
        return self._outputs

    def deploy(self, windows: Windows = "usual", web_origin: str | None = None) -> None:
        """Run `cdk bootstrap` and `cdk deploy --all`; with short windows, deadlines pass within seconds."""
        env, app = deploy_env(self.endpoint), str(self.emulator.state_dir / "cdk.out")
        outputs_path = self.emulator.state_dir / "outputs.json"
        context = ["-c", "stage=local", "-c", f"endpoint={self.endpoint}"]
        context += ["-c", "windows=short"] if windows == "short" else []
        context += ["-c", f"web_origin={web_origin}"] if web_origin else []
        # Synthesized once: bootstrap and deploy would each do it again.
        run_step("cdk synth", [CDK, "synth", "--quiet", *OPTIONS, *context, "--output", app], env)
        run_step("cdk bootstrap", [CDK, "bootstrap", f"aws://{ACCOUNT}/{REGION}", *OPTIONS, "--app", app], env)
        command = [CDK, "deploy", "--all", *DEPLOY_OPTIONS, *OPTIONS, "--app", app]
        try:
            deploy_all([*command, "--outputs-file", str(outputs_path)], env)
        except StepFailed as failure:
            self.emulator.check_alive()
            raise StepFailed(f"{errors_in(self.emulator.log_tail())}{failure}") from failure
        self._outputs = Outputs.read(json.loads(outputs_path.read_text()), self.endpoint)


OPTIONS = ["--no-notices", "--no-color", "--ci"]
DEPLOY_OPTIONS = [
    "--require-approval",
    "never",
    "--method",
    "direct",
    "--concurrency",
    "4",
    "--progress",
    "events",
]


def deploy_env(endpoint: str) -> dict[str, str]:
    """The environment of the CDK: the local AWS only, whatever AWS account the developer is signed in to."""
    own = {name: value for name, value in tool_env().items() if not name.startswith(("AWS_", "CDK_"))}
    return own | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "PYTHONPATH": "layers/core/python",
        # The CDK's library is so large that compiling it takes longer than all the rest of a synthesis.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(LOCAL / "pycache"),
    }


def deploy_all(command: list[str], env: dict[str, str]) -> None:
    """Run a deployment, printing a line as each stack is done; the failure holds the end of its output."""
    last_s = time.monotonic()
    lines: list[str] = []
    with running_in_own_group(command, env) as process:
        for line in process.stdout or ():
            lines.append(line)
            if done := STACK_DONE.match(line.rstrip()):
                label = f"cdk deploy: {done['stack']}{done['note'] or ''}"
                print(f"  {label:<58}{time.monotonic() - last_s:6.1f} s", flush=True)
                last_s = time.monotonic()
    if process.returncode:
        raise StepFailed(f"{tail(''.join(lines))}\ncdk deploy: exit {process.returncode}")


def errors_in(log: str) -> str:
    """The lines of the local AWS's log that say what went wrong, if any do."""
    found = [line for line in log.splitlines() if "ERROR" in line or "Error:" in line]
    return "The local AWS said:\n" + "\n".join(found) + "\n\n" if found else ""

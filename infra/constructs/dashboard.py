"""The dashboard: how briefs fare, and whether the system keeps up."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.config import Stage
from infra.constructs import metrics
from infra.constructs.function import ServiceFunction


class BriefDashboard(cloudwatch.Dashboard):
    """The life of briefs first, then what could be the matter with it."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        api_id: str,
        state_machine_arn: str,
        functions: Sequence[ServiceFunction],
    ) -> None:
        """Lay the graphs out, two in a row."""
        super().__init__(scope, "Dashboard", dashboard_name=f"microintern-{stage.name}")
        started = ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"]
        letters = [metrics.waiting(function.dead_letters) for function in functions if function.dead_letters]
        latencies = [metrics.api(api_id, "Latency", statistic) for statistic in ("p50", "p95", "p99")]
        counts = [metrics.api(api_id, name) for name in ("Count", "4xx", "5xx")]
        self.add_widgets(
            _graph("Events of briefs", [metrics.transitions()]),
            _graph("Workflows", [metrics.executions(state_machine_arn, name) for name in started]),
        )
        self.add_widgets(_graph("API requests", counts), _graph("API latency (ms)", latencies))
        self.add_widgets(
            _graph("Function errors", [metrics.errors(function) for function in functions]),
            _graph("Dead letters", letters),
        )
        moved = [metrics.own("PayoutLate", "settlement"), metrics.own("PayoutHeld", "settlement")]
        checked = [metrics.own("MoneyDiffers", "reconcile"), metrics.own("WebhookRefused", "payments_webhook")]
        self.add_widgets(
            _graph("Late and held payouts", moved),
            _graph("Money that differs, webhooks refused", checked),
            _graph("Oldest unsettled brief (s)", [metrics.oldest_unsettled()]),
        )


def _graph(title: str, lines: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(lines), width=12, height=6)

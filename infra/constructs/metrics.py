"""The numbers that alarms and the dashboard read."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.constructs.function import NAMESPACE, ServiceFunction
from infra.constructs.queue import DeadLetterQueue

PERIOD = Duration.minutes(5)


def _metric(namespace: str, name: str, statistic: str = "Sum", **dimensions: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace, metric_name=name, statistic=statistic, period=PERIOD, dimensions_map=dimensions
    )


def executions(state_machine_arn: str, name: str) -> cloudwatch.Metric:
    """How many workflows started, failed and so on."""
    return _metric("AWS/States", name, StateMachineArn=state_machine_arn)


def api(api_id: str, name: str, statistic: str = "Sum") -> cloudwatch.Metric:
    """A metric of the HTTP API."""
    return _metric("AWS/ApiGateway", name, statistic, ApiId=api_id)


def own(name: str, service: str) -> cloudwatch.Metric:
    """How often a function noticed something."""
    return _metric(NAMESPACE, name, service=service)


def oldest_unsettled() -> cloudwatch.Metric:
    """For how many seconds the oldest ended brief has waited for its money to move, those held back left out."""
    return _metric(NAMESPACE, "OldestUnsettled", "Maximum", service="sweep")


def transitions() -> cloudwatch.MathExpression:
    """What happened to briefs, one line per type of event."""
    search = f"SEARCH('Namespace=\"{NAMESPACE}\" MetricName=\"BriefTransition\"', 'Sum', 300)"
    return cloudwatch.MathExpression(expression=search, label="", period=PERIOD)


def stream_age(function: ServiceFunction) -> cloudwatch.Metric:
    """Milliseconds since the oldest record of the stream that is being worked on was written."""
    return function.function.metric("IteratorAge", statistic="Maximum", period=PERIOD)


def errors(function: ServiceFunction) -> cloudwatch.Metric:
    """Calls of a function that failed."""
    return function.function.metric_errors(period=PERIOD)


def throttles(function: ServiceFunction) -> cloudwatch.Metric:
    """Calls of a function that found no room."""
    return function.function.metric_throttles(period=PERIOD)


def waiting(queue: DeadLetterQueue) -> cloudwatch.Metric:
    """Messages in a queue that nobody has dealt with."""
    return queue.metric_approximate_number_of_messages_visible(period=PERIOD)

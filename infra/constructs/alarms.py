"""Alarms, and the topic that they tell."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.exceptions import accept

PERIODS_PER_HOUR = 12


class Alarms(Construct):
    """One topic for all alarms; a person is told by e-mail where an address was given."""

    def __init__(self, scope: Construct, email: str | None) -> None:
        """Create the topic."""
        super().__init__(scope, "Alarms")
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        if email:
            subscription = sns.Subscription(
                self, "Email", topic=self.topic, protocol=sns.SubscriptionProtocol.EMAIL, endpoint=email
            )
            accept(subscription, "E-mail is not called back: nothing to queue.", "Serverless-SNSRedrivePolicy")

    def at_once(self, name: str, metric: cloudwatch.IMetric, description: str, above: float = 0) -> None:
        """Tell as soon as a period's value is above the threshold."""
        self._alarm(name, metric, description, above, times=1, periods=1)

    def when_it_lasts(self, name: str, metric: cloudwatch.IMetric, description: str) -> None:
        """For what is tried again by itself: tell when it happened in three periods within an hour."""
        self._alarm(name, metric, description, above=0, times=3, periods=PERIODS_PER_HOUR)

    def _alarm(
        self, name: str, metric: cloudwatch.IMetric, description: str, above: float, times: int, periods: int
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            datapoints_to_alarm=times,
            evaluation_periods=periods,
            # No data means that nothing happened, which is fine.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

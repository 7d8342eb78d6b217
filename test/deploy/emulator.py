"""MiniStack, started as its own command does, and nearer to AWS in two places that the service needs."""

import json

from ministack.app import main
from ministack.services import eventbridge, lambda_svc
from ministack.services.cloudformation import provisioners

make_alarm = provisioners._cw_metric_alarm_record


def make_alarm_on_any_metric(name, props):
    """MiniStack refuses alarms on metric math, and with them the whole stack. Such an alarm gets an ordinary metric:
    no alarm is evaluated in the test, and their expressions are checked in test/aws/."""
    if props.get("Metrics"):
        others = {key: value for key, value in props.items() if key != "Metrics"}
        props = {**others, "Namespace": "DeploymentTest", "MetricName": "StandIn", "Statistic": "Sum", "Period": 300}
    return make_alarm(name, props)


def invoke_asynchronously(arn, payload):
    """EventBridge invokes functions asynchronously: Lambda tries again and has a destination for failures. MiniStack
    does so for S3 and for Invoke with the type Event, but not for events."""
    func, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not func or not config:
        raise RuntimeError(f"EventBridge has a target that does not exist: {name}")
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(func, config), json.loads(payload))


provisioners._cw_metric_alarm_record = make_alarm_on_any_metric
eventbridge._dispatch_to_lambda = invoke_asynchronously

if __name__ == "__main__":
    main()

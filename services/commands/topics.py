"""`jiaoying topics`: the brokers' topics as the system needs them, a plan first."""

from dataclasses import asdict
from typing import Annotated

import typer

from services.commands.saying import JsonOption, err, fail, print_json
from services.runtime.bus import BusUnavailableError
from services.runtime.kafka.provisioning import Plan, plan, wanted_topics
from services.runtime.kafka.settings import KafkaSettings

PARTITIONS = 12
"""A city has some dozens of districts; as many workers of a kind can share them."""
_REPLICAS = 3


def topics(
    *,
    partitions: Annotated[
        int, typer.Option("--partitions", help="How many, of every topic alike.", min=1)
    ] = PARTITIONS,
    replication: Annotated[
        int | None,
        typer.Option("--replication", help="Copies of each; unsaid: 3, or all brokers.", min=1),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Carry the plan out.")] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Show what Kafka's topics lack; with --apply, make it so.

    Nothing is ever deleted or made smaller. Where the brokers are is in JIAOYING_KAFKA_….
    """
    # Half a second of imports that no other command need wait for.
    from services.runtime.kafka.topics_admin import topics_admin  # noqa: PLC0415

    settings = KafkaSettings()
    try:
        with topics_admin(settings) as admin:
            replicas = replication or min(_REPLICAS, admin.brokers())
            wanted = wanted_topics(settings, partitions, replicas)
            planned = plan(wanted, admin.found([one.name for one in wanted]))
            _show(planned, as_json=as_json)
            if apply:
                for step in planned.steps:
                    admin.apply(step)
                    err.print(f"做完 done: {step.change} {step.wanted.name}", markup=False)
    except BusUnavailableError as error:
        fail(str(error))
    if planned.left:
        raise typer.Exit(1)


def _show(planned: Plan, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(planned))
        return
    for step in planned.steps:
        said = f"{step.change} {step.wanted.name}: {step.before} -> {step.after}"
        err.print(said, markup=False, soft_wrap=True)
    for left in planned.left:
        said = f"不改 left {left.topic}: {left.before} -> {left.after} ({left.refusal})"
        err.print(said, markup=False, soft_wrap=True)
    if not planned.steps and not planned.left:
        err.print("没有要改的 nothing to change")

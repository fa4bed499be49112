"""`supplier retention`: what is kept by which rule, what may go on a day, and proposing a batch."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from typing import Any

import click

from supplier.settings import SettingsError


@click.group("retention", invoke_without_command=True)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="See the plan on this day (default: today).",
)
@click.option("--json", "as_json", is_flag=True, help="Answer for a program.")
@click.pass_context
def retention_command(context: click.Context, on: datetime | None, as_json: bool) -> None:
    """The plan of erasures: counts by rule. Nothing is erased by looking at it."""
    context.obj = as_json
    if context.invoked_subcommand is None:
        _show(on.date() if on else None, as_json=as_json)


@retention_command.command("propose")
@click.option("--json", "as_json", is_flag=True, help="Answer for a program.")
@click.pass_context
def propose_command(context: click.Context, as_json: bool) -> None:
    """Work out the plan and propose a batch of what may go today; a person approves it."""
    from supplier.kernel.audit import SYSTEM
    from supplier.kernel.clock import SystemClock
    from supplier.retention import actions

    now = SystemClock().now()
    with _app().app_context():
        counts = actions.work_out_plan(now)
        batch = actions.propose(by=SYSTEM, now=now)
    answer = {
        "kept": counts["kept"],
        "proposed": len(batch.items) if batch else 0,
        "batch": str(batch.id) if batch else None,
    }
    if as_json or context.obj:
        click.echo(json.dumps(answer))
    elif batch is None:
        click.echo("Nothing is due that is not in a batch already.")
    else:
        click.echo(f"Batch {batch.id}: {answer['proposed']} things wait for a person's approval.")


def _app() -> Any:
    from supplier.factory import create_app

    try:
        return create_app()
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _show(on: date | None, *, as_json: bool) -> None:
    from supplier.kernel.clock import SystemClock, legal_day
    from supplier.retention import actions, queries

    now = SystemClock().now()
    today = legal_day(now)
    with _app().app_context():
        actions.work_out_plan(now)
        plan = queries.plan_on(on or today, today=today, buyers=None)
    if as_json:
        click.echo(json.dumps(_as_json(plan)))
        return
    click.echo(f"On {plan.on.isoformat()}: {plan.kept} kept, {plan.due} may go, {plan.held} held.")
    if plan.overdue:
        click.echo(f"Overdue today: {plan.overdue}.")
    for one in plan.rules:
        first = one.first_on.isoformat() if one.first_on else "never"
        click.echo(
            f"  {one.rule.value:20} kept {one.kept:6}  may go {one.due:6}  held {one.held:6}  "
            f"overdue {one.overdue:6}  first {first}"
        )


def _as_json(plan: Any) -> dict[str, Any]:
    return {
        "on": plan.on.isoformat(),
        "kept": plan.kept,
        "due": plan.due,
        "held": plan.held,
        "overdue": plan.overdue,
        "rules": [
            {
                "rule": one.rule.value, "kept": one.kept, "due": one.due, "held": one.held,
                "overdue": one.overdue,
                "first_erasable_on": one.first_on.isoformat() if one.first_on else None,
            }
            for one in plan.rules
        ],
    }  # fmt: skip

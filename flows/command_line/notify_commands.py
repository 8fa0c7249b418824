"""`notify`: people are told of open gates, halted campaigns and failed runs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from overhaul.flows.command_line.output import Progress, connect_to_server, note, print_json
from overhaul.flows.command_line.values import duration
from overhaul.flows.settings import Settings

if TYPE_CHECKING:
    from overhaul.flows.notifications import Target


@click.command()
@click.option("--webhook", metavar="URL", help="An address that is sent JSON.")
@click.option("--slack", metavar="URL", help="An incoming webhook of Slack, Mattermost or Rocket.Chat.")
@click.option("--mail", multiple=True, metavar="ADDRESS", help="Somebody to write to; may be given again.")
@click.option(
    "--smtp", default="smtp://localhost:25", show_default=True, envvar="OVERHAUL_SMTP", show_envvar=True,
    metavar="smtp[s]://[USER:PASSWORD@]HOST[:PORT]", help="The server that sends the mail.",
)  # fmt: skip
@click.option("--sender", default="overhaul@localhost", show_default=True, help="Whom the mail is from.")
@click.option(
    "--on", "occasions", multiple=True, type=click.Choice(["gate", "halted", "failed"]),
    default=("gate", "halted"), show_default=True, help="gate: a decision waits. halted: a campaign goes no further.",
)  # fmt: skip
@click.option(
    "--remind-after", callback=duration, metavar="TIME", help="Once more, if a gate is open for 12h, 1d, 2w."
)
@click.option("--list", "list_them", is_flag=True, help="Show the notifications there are.")
@click.option("--remove", "name", metavar="NAME", help="Delete one, by the name that --list shows.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def notify(
    webhook: str | None, slack: str | None, mail: tuple[str, ...], smtp: str, sender: str,
    occasions: tuple[Any, ...], remind_after: timedelta | None, list_them: bool, name: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Tell people of decisions that wait, by automations of Prefect."""
    for url in filter(None, (webhook, slack)):
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise click.UsageError(f"{url!r} is no address of the web. It begins with https:// or http://.")
    for address in mail:
        if not re.fullmatch(r"[^\s@,?&<>]+@[^\s@,?&<>]+", address):
            raise click.UsageError(f"{address!r} is no mail address.")
    if mail and (urlsplit(smtp).scheme not in {"smtp", "smtps"} or not urlsplit(smtp).hostname):
        raise click.UsageError("--smtp takes smtp://HOST, smtp://HOST:PORT or smtps://USER:PASSWORD@HOST.")
    if not (webhook or slack or mail or list_them or name):
        raise click.UsageError(
            "say whom to tell: --webhook URL, --slack URL or --mail ADDRESS; or --list, --remove."
        )
    if remind_after is not None and remind_after < timedelta(seconds=10):
        raise click.UsageError("--remind-after takes 10s at least.")
    settings = Settings.from_environment()
    with Progress("notify").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows import notifications

        with get_client(sync_client=True) as client:
            if name:
                for gone in notifications.remove(client, name):
                    note(f"removed: {gone}")
            for target in _targets(webhook, slack, mail, smtp, sender):
                for made in notifications.notify(client, target, occasions, remind_after):
                    note(f"made: {made}")
            names = (
                [each.name for each in notifications.notifications(client)] if list_them or as_json else []
            )
    if as_json:
        print_json({"notifications": names})
    elif list_them:
        click.echo("\n".join(names) or "no notifications yet. Make one with: overhaul notify --mail ADDRESS")


def _targets(
    webhook: str | None, slack: str | None, mail: tuple[str, ...], smtp: str, sender: str
) -> list[Target]:
    from overhaul.flows.notifications import mail_target, web_target

    targets = [web_target("webhook", webhook)] if webhook else []
    targets += [web_target("slack", slack)] if slack else []
    return targets + ([mail_target(mail, smtp, sender)] if mail else [])

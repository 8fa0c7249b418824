"""`webhook`: takes what forges tell."""

from __future__ import annotations

import click

from overhaul.flows.command_line.output import Progress, connect_to_server, note
from overhaul.flows.settings import Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Its port.")
def webhook(host: str, port: int) -> None:
    """Take the webhooks of GitHub, GitLab, Forgejo and Gitea until ^C.

    Comments on pull requests are read at once, campaigns go on when something was merged, and reviews begin when a
    draft is ready. OVERHAUL_WEBHOOK_SECRET and [webhook] senders in the settings say whose webhooks count.
    """
    settings = Settings.from_environment()
    from overhaul.flows.webhooks.senders import doorkeeper_of, webhook_form

    doorkeeper, form = doorkeeper_of(settings), webhook_form(settings)
    with Progress("webhook").live() as progress:
        connect_to_server(settings, progress)
        from overhaul.flows.run_lock import working_on
        from overhaul.flows.webhooks.serving import listen, serve

        listening = listen(host, port)
    with working_on("webhook", settings):
        note(f"listening at http://{host}:{listening.getsockname()[1]}/ for {', '.join(doorkeeper.senders)}")
        serve(listening, doorkeeper, settings, form)

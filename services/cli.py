"""The command line. Each command's last line on standard output is for machines where it says so."""

import sys

import typer

from services.commands.index import index_app
from services.commands.ledger import ledger_app
from services.commands.night import demo
from services.commands.packs import check, password
from services.commands.phones import phones
from services.commands.recordings import export, replay
from services.commands.serve import serve_app
from services.commands.topics import topics
from services.commands.up import up

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="叫应 Jiaoying: from a reading to a confirmed human.",
)
for command in (up, demo, phones, check, password, export, replay, topics):
    app.command()(command)
app.add_typer(ledger_app, name="ledger")
app.add_typer(index_app, name="index")
app.add_typer(serve_app, name="serve")


def main() -> None:
    """Run the command line."""
    sys.setswitchinterval(0.0005)  # the commit's thread and the loop take turns more often
    app()

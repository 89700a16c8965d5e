"""`ms takeover`: the opening balance, one question for each target customer."""

from __future__ import annotations

from milestone_cli.errors import UsageError
from milestone_cli.options import Call

INSTEAD = (
    "`ms import LIST --from table --map MAP` takes over a whole list, "
    "`ms standing OPPORTUNITY MILESTONE --since DATE` a single one."
)


def takeover(call: Call) -> None:
    """Take over what is open already: for each target customer, what did the CUSTOMER last do, and since when?

    Where it stands is an opening balance: no arrival, and its clock runs from that day. Stop with q and go on later;
    what was skipped comes again.

    Examples:
      ms takeover
      ms takeover --rep anna --process b2b
    """
    if not call.terminal.may_prompt:
        raise UsageError("Nobody can be asked here: `ms takeover` needs a terminal.", INSTEAD)
    from milestone_cli.commands.asking import conversation
    from milestone_cli.commands.takeover_walk import Walk
    from milestone_cli.reports.takeover import takeover_document

    walk = Walk(call)
    with conversation(walk.recorded, walk.way_back):
        walk.run()
    call.show(takeover_document(walk.report()))
    if call.dry_run:
        call.terminal.say("Dry run: nothing was recorded.")

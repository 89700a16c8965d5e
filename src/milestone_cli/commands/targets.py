"""`ms targets`: what is wanted a month, of the team and of each rep."""

from __future__ import annotations

from milestone_cli.options import Call


def targets(call: Call) -> None:
    """Show every target with the month it holds from, each rep's part, and whether the parts add up.

    Examples:
      ms targets
      ms targets --rep anna --process b2b
    """
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.domain.day import month_of
    from milestone_cli.reports.targets import targets_document, targets_report

    as_of = looked_at(call)
    with reading(call) as book:
        rep = chosen_rep(book, call)
        setup = book.setup.seen(as_of)
        reports = [
            targets_report(
                setup.processes[key].at(as_of).process,
                setup.targets,
                setup.reps,
                book.basis(key, month_of(as_of), as_of),
                rep=rep,
            )
            for key in chosen_processes(book, call)
        ]
    call.show(targets_document(reports, as_of, None if rep is None else rep.key))

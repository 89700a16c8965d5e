"""The entry of `ms`: what needs no app is answered before the app is built.

Invariant: `--version` and completion import neither typer nor rich nor anything of the store, `--version` not even
`typing`, which costs half of what starting Python does; an argument that is not UTF-8 is refused before anything
reads it; Ctrl-C ends it without a traceback from the first moment.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Run `ms` with the arguments of this process; return its exit code."""
    # A command lives for a fraction of a second: collecting while modules load costs a tenth of that and frees nothing.
    gc.set_threshold(100_000, 50, 100)
    # The products of the estimates are small: threads of numpy's only wait for each other there, and that long where
    # other programs want the processors too. It is read when numpy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        # Ctrl-C before the boundary of `cli.py` is there: nothing has begun, and nothing needs to be said.
        code = 130
    # Python looks for garbage once more as it leaves: through all that was imported, for nothing.
    gc.freeze()
    return code


def _run(arguments: list[str]) -> int:
    if os.environ.get("_MS_COMPLETE"):
        from milestone_cli.completion import complete

        return complete(os.environ)
    refused = _undecodable(arguments)
    if refused:
        return _refuse(refused, as_json="--json" in arguments)
    if arguments == ["--version"]:
        return _show_version()
    from milestone_cli.cli import run

    return run(arguments)


def _undecodable(arguments: list[str]) -> str:
    """Return a sentence about the first argument whose bytes are not UTF-8, or nothing."""
    for number, argument in enumerate(arguments, start=1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            shown = ascii(argument)[1:-1].replace("\\udc", "\\x")
            return f'Argument {number} ("{shown}") is not valid UTF-8.'
    return ""


def _refuse(message: str, *, as_json: bool) -> int:
    hint = "Check the encoding of the terminal, or type the name anew."
    if as_json:
        import json

        print(json.dumps({"error": {"code": "usage", "message": message, "hint": hint}}, indent=2), file=sys.stderr)  # noqa: T201
    else:
        print(f"Error: {message}\n{hint}", file=sys.stderr)  # noqa: T201
    return 2


def _show_version() -> int:
    from milestone_cli import __version__

    try:
        print(f"ms {__version__}", flush=True)  # noqa: T201
    except OSError as error:
        # What could not be written must not be tried again when Python leaves.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if isinstance(error, BrokenPipeError) else 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""How each shell asks for candidates and wants them answered, and the script that makes TAB ask.

Invariant: as Typer does it, so that whoever has its script in place is served too.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from milestone_cli.errors import UsageError

_BASH = """\
# To keep it: ms --show-completion >> ~/.bashrc
_ms_completion() {
    local IFS=$'\\n'
    COMPREPLY=( $( env COMP_WORDS="${COMP_WORDS[*]}" \\
                   COMP_CWORD=$COMP_CWORD \\
                   _MS_COMPLETE=complete_bash $1 ) )
    return 0
}

complete -o default -F _ms_completion ms"""
_ZSH = """\
#compdef ms
# To keep it: ms --show-completion >> ~/.zshrc (behind the line with compinit)
_ms_completion() {
  eval $(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _MS_COMPLETE=complete_zsh ms)
}

compdef _ms_completion ms"""
_FISH_CALL = "env _MS_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION={} _TYPER_COMPLETE_ARGS=(commandline -cp) ms"
_FISH = (
    "# To keep it: ms --show-completion > ~/.config/fish/completions/ms.fish\n"
    f'complete --command ms --no-files --arguments "({_FISH_CALL.format("get-args")})" '
    f'--condition "{_FISH_CALL.format("is-args")}"'
)
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


class Candidate(NamedTuple):
    """One thing TAB offers."""

    value: str
    help: str = ""


def script(shell: str) -> str:
    """Return the script that makes TAB work in `shell`; it is the one that Typer would write.

    Raises:
        UsageError: there is none for that shell.
    """
    found = _SCRIPTS.get(shell)
    if found is None:
        known = ", ".join(_SCRIPTS)
        message = f'There is no TAB script for the shell "{shell}".' if shell else "SHELL does not tell the shell."
        raise UsageError(message, f"Name one of {known}, like this: SHELL=bash ms --show-completion.")
    return found


def words(shell: str, environ: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the words before the cursor, without the program's name, and the one at it."""
    if shell == "bash":
        typed = _split(environ["COMP_WORDS"])
        cursor = int(environ["COMP_CWORD"])
        before, word = typed[1:cursor], typed[cursor] if cursor < len(typed) else ""
        # Bash takes `--rep=an` apart at the equals sign.
        joined = [w for i, w in enumerate(before) if not (w == "=" and i and before[i - 1].startswith("--"))]
        return joined, "" if word == "=" else word
    text = environ.get("_TYPER_COMPLETE_ARGS", "")
    typed = _split(text)[1:]
    if typed and not text.endswith(" "):
        return typed[:-1], typed[-1]
    return typed, ""


def _split(text: str) -> list[str]:
    """Split as a shell does; an open quotation mark ends with the text."""
    import shlex

    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    found: list[str] = []
    try:
        found.extend(lexer)
    except ValueError:
        found.append(lexer.token)
    return found


def answer(shell: str, found: Sequence[Candidate], environ: Mapping[str, str]) -> int:
    """Write the candidates as a shell reads them, and return the exit code it understands."""
    if shell == "bash":
        lines = [one.value for one in found]
    elif shell == "zsh":
        lines = [_for_zsh(found)]
    elif shell == "fish":
        if environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
            return 0 if found else 1
        lines = [f"{one.value}\t{one.help}" if one.help else one.value for one in found]
    else:
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
    return 0


def _for_zsh(found: Sequence[Candidate]) -> str:
    if not found:
        return "_files"
    items = (f'"{_escaped(one.value)}"' + (f':"{_escaped(one.help)}"' if one.help else "") for one in found)
    return "_arguments '*: :((" + "\n".join(items) + "))'"


def _escaped(text: str) -> str:
    """Escape for the script of zsh, as Typer does."""
    for sign, escaped in (('"', '""'), ("'", "''"), ("$", "\\$"), ("`", "\\`"), (":", r"\\:")):
        text = text.replace(sign, escaped)
    return text

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from milestone_cli.errors import DiskFull, ExitCode, FileError, NoPermission
from milestone_cli.render import delivery
from milestone_cli.render.delivery import deliver, replace_file

needs_devices = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")


class Broken(io.StringIO):
    """A stream that fails in one way."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def write(self, _text):
        raise self.error


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "folder"
    made.mkdir()
    return made


def test_without_a_file_the_text_goes_to_standard_output():
    out = io.StringIO()
    deliver("one\n", None, out)
    deliver("two\n", Path("-"), out)
    assert out.getvalue() == "one\ntwo\n"


def test_a_pipe_gets_utf_8_whatever_the_locale():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    deliver("€ \udc80\n", None, stream)
    assert raw.getvalue() == "€ \\udc80\n".encode()


def test_a_terminal_gets_what_it_can_show():
    class Screen(io.TextIOWrapper):
        def isatty(self):
            return True

    raw = io.BytesIO()
    stream = Screen(raw, encoding="latin-1")
    deliver("● é\n", None, stream)
    assert raw.getvalue() == b"\\u25cf \xe9\n"


def test_a_reader_that_has_seen_enough_is_no_error():
    deliver("x\n", None, Broken(BrokenPipeError()))


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (OSError(errno.ENOSPC, "full"), DiskFull),
        (OSError(errno.EFBIG, "big"), DiskFull),
        (OSError(errno.EACCES, "no"), NoPermission),
        (OSError(errno.EIO, "io"), FileError),
        (ValueError("I/O operation on closed file"), FileError),
    ],
)
def test_a_failing_standard_output_is_an_error(error, refusal):
    with pytest.raises(refusal) as raised:
        deliver("x\n", None, Broken(error))
    assert raised.value.exit_code is ExitCode.FILE
    assert "tandard output" in raised.value.message


def test_a_closed_standard_output_is_an_error():
    with pytest.raises(FileError, match="closed"):
        deliver("x\n", None, None)


def run(script, **streams):
    program = f"import sys\nfrom milestone_cli.render.delivery import deliver\n{script}"
    return subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, check=False, **streams)


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_head_ends_a_long_output_quietly():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        ended = run("deliver('line\\n' * 100_000, None, sys.stdout)", stdout=pipe)
    assert (ended.returncode, ended.stderr) == (0, b"")


@needs_devices
def test_a_full_device_is_told_once_and_not_again_at_exit():
    script = (
        "from milestone_cli.errors import DiskFull\n"
        "try:\n    deliver('x\\n', None, sys.stdout)\nexcept DiskFull:\n    sys.exit(3)\n"
    )
    with Path("/dev/full").open("wb") as full:
        ended = run(script, stdout=full)
    assert (ended.returncode, ended.stderr) == (3, b"")


def test_a_file_is_made_and_replaced_whole(folder):
    path = folder / "kpis.csv"
    deliver("a,b\n", path, None)
    path.chmod(0o640)
    deliver("€\n", path, None)
    assert path.read_bytes() == "€\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(folder.iterdir()) == [path]


def test_a_link_is_followed_and_stays_a_link(folder):
    (folder / "real.csv").write_text("old")
    link = folder / "link.csv"
    link.symlink_to("real.csv")
    replace_file(link, b"new")
    assert link.is_symlink()
    assert (folder / "real.csv").read_text() == "new"


def test_a_directory_is_refused(folder):
    with pytest.raises(FileError, match="is a directory"):
        replace_file(folder, b"x")


def test_a_missing_parent_directory_is_named_and_not_made(folder):
    with pytest.raises(FileError, match=r"There is no directory .*nowhere"):
        replace_file(folder / "nowhere" / "x.csv", b"x")
    assert list(folder.iterdir()) == []


def test_a_database_is_never_replaced_by_a_result(folder):
    book = folder / "book.csv"
    book.write_bytes(b"SQLite format 3\x00rest")
    with pytest.raises(FileError, match="is a database"):
        replace_file(book, b"x")
    assert book.read_bytes() == b"SQLite format 3\x00rest"


def test_a_write_protected_file_stays_as_it_is(folder, monkeypatch):
    path = folder / "x.csv"
    path.write_text("old")
    monkeypatch.setattr(delivery.os, "access", lambda _path, _mode: False)
    with pytest.raises(NoPermission, match="write-protected"):
        replace_file(path, b"new")
    assert path.read_text() == "old"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(folder, monkeypatch, error):
    path = folder / "x.csv"
    path.write_text("old")

    def fail(_handle):
        raise error

    monkeypatch.setattr(delivery.os, "fsync", fail)
    with pytest.raises(DiskFull if isinstance(error, OSError) else KeyboardInterrupt):
        replace_file(path, b"new")
    assert path.read_text() == "old"
    assert list(folder.iterdir()) == [path]


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "nul\x00.csv"])
def test_an_impossible_name_is_one_clear_error(folder, name):
    with pytest.raises(FileError) as refusal:
        replace_file(folder / name, b"x")
    assert "\x00" not in refusal.value.message


@needs_devices
def test_a_device_is_written_to_and_stays_a_device():
    replace_file(Path("/dev/null"), b"x")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(DiskFull):
        replace_file(Path("/dev/full"), b"x")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_gets_all_of_it(folder):
    fifo = folder / "pipe.csv"
    os.mkfifo(fifo)
    copy = folder / "copy"
    with copy.open("wb") as file, subprocess.Popen(["cat", str(fifo)], stdout=file):
        replace_file(fifo, b"x" * 200_000)
    assert copy.stat().st_size == 200_000

"""Logs are dated lines, and what is kept of them is bounded."""

from pathlib import Path

from config.up.logfile import LogFile


def test_chunks_become_dated_lines(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "web.log")
    log.feed("пер".encode()[:3])
    log.feed("пер".encode()[3:] + b"\nrest")
    log.finish()
    assert [line.split(" ", 1)[1] for line in log.tail(5)] == ["пер", "rest"]


def test_files_are_rotated_by_size(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "web.log", max_bytes=100, kept=2)
    for number in range(40):
        log.feed(b"line %d\n" % number)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["web.log", "web.log.1", "web.log.2"]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 3 * 150
    assert log.tail(1)[0].endswith(" line 39")


def test_line_without_an_end_is_cut(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "web.log")
    for _ in range(3):
        log.feed(b"x" * 50_000)
    assert len(log.tail(9)) == 1


def test_unwritable_directory_costs_the_line_only(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "absent" / "web.log")
    log.feed(b"line\n")
    assert log.tail(1) == []

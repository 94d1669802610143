#!/usr/bin/env python3
"""Runs the examples of README.md and docs/ and compares what they print with what they show.

Each page has a scratch directory of its own, with copies of `configs`, `traces` and
`validate/oracles`, in which its blocks run from top to bottom:

- `console`: every line that starts with `$ ` is a command for bash, in a shell of its own; the
  lines below it, if any, are its output, standard error included. A command has to succeed unless
  the next one is `echo $?`. Commands of cargo run in the project's root, and cargo says nothing of
  what it builds.
- `sql` runs in DuckDB, `python` as a script. A `text` block right behind either is its output.
- A block of any language with `title=NAME` is written to the file of that name.
- `toml` without a title has to be a scenario.

`...` in an output stands for anything: on a line of its own for any lines, else for any text.
Other shell blocks are refused, so that nothing escapes. `--given COMMAND LOG` takes the output of a
command that has already run from a file; `--update` writes what is printed into the pages, where
it differs from what they show without `...`.
"""

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from checks import Checks

ROOT = Path(__file__).resolve().parent.parent
COPIED = ["configs", "traces", "validate/oracles"]
TIMEOUT_S = 600
SQL = "import duckdb, sys; print(duckdb.sql(sys.stdin.read()))"
REFUSED = {"sh", "bash", "shell", "zsh", "shell-session"}


@dataclass
class Shown:
    """Output that a page shows, and the line (from 1) at which it starts."""

    line: int
    text: list[str] = field(default_factory=list)


@dataclass
class Block:
    """A fenced block of a page, and the line (from 1) of its fence."""

    line: int
    language: str
    title: str | None
    text: list[str] = field(default_factory=list)
    # The `text` block behind it.
    output: Shown | None = None


class Differs(AssertionError):
    """Output is not what the page shows."""

    def __init__(self, shown, printed):
        self.shown, self.printed = shown, printed
        difference = difflib.unified_diff(shown.text, printed, "shown", "printed", lineterm="")
        super().__init__("the output differs\n" + "\n".join(difference))


def blocks_of(text):
    """The fenced blocks of a page, in order."""
    blocks, current, fence, close_behind = [], None, "", False
    for number, line in enumerate(text.splitlines(), start=1):
        if current is not None:
            if line.strip() == fence:
                if current.language == "text" and close_behind and blocks:
                    blocks[-1].output = Shown(current.line + 1, current.text)
                else:
                    blocks.append(current)
                current, close_behind = None, True
            else:
                current.text.append(line)
        elif opening := re.match(r"(`{3,})\s*([\w-]*)(.*)$", line):
            fence = opening[1]
            title = re.search(r"title=(\S+)", opening[3])
            current = Block(number, opening[2], title[1] if title else None)
        elif line.strip():
            close_behind = False
    assert current is None, f"the block at line {current.line} does not end"
    return blocks


def commands_of(block):
    """Pairs of a command and what is shown below it."""
    commands = []
    for number, line in enumerate(block.text, start=block.line + 1):
        if commands and commands[-1][0].endswith("\\"):
            commands[-1][0] += "\n" + line
            commands[-1][1].line += 1
        elif line.startswith("$ "):
            commands.append([line[2:], Shown(number + 1)])
        else:
            assert commands, "a console block has to start with a command: `$ ...`"
            commands[-1][1].text.append(line)
    return commands


def trimmed(text):
    """Lines without trailing space, and no blank lines at the end."""
    return [line.rstrip() for line in text.rstrip().splitlines()]


def compare(shown, printed):
    """Fails with a difference unless what is printed matches what is shown."""
    printed = trimmed(printed)
    pattern = ""
    for line in trimmed("\n".join(shown.text)):
        if line == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("...")) + "\n"
    text = "".join(line + "\n" for line in printed)
    if not re.fullmatch(pattern, text):
        raise Differs(shown, printed)


def updated(page, differences):
    """The text of a page with what is printed in place of what it showed."""
    lines = page.splitlines()
    for shown, printed in sorted(differences, key=lambda each: each[0].line, reverse=True):
        lines[shown.line - 1 : shown.line - 1 + len(shown.text)] = printed
    return "\n".join(lines) + "\n"


class Page:
    """A page's scratch directory, and where the page differs from what is printed."""

    def __init__(self, scratch, environment, given):
        self.differences = []
        self.scratch = scratch
        self.environment = environment
        self.given = given
        for name in COPIED:
            shutil.copytree(ROOT / name, scratch / name)

    def check(self, block):
        """Carries a block out and notes what to update."""
        try:
            self.run(block)
        except Differs as difference:
            if not any("..." in line for line in difference.shown.text):
                self.differences.append((difference.shown, difference.printed))
            raise

    def run(self, block):
        assert block.language not in REFUSED, f"`{block.language}` is not run, use `console`"
        if block.title:
            path = self.scratch / block.title
            path.write_text("\n".join(block.text) + "\n", encoding="utf-8")
        elif block.language == "console":
            self.console(block)
        elif block.language in ("sql", "python"):
            self.script(block)
        elif block.language == "toml":
            text = "\n".join(block.text)
            self.execute(["kendall", "config", "/dev/stdin"], text).check_returncode()

    def console(self, block):
        commands = commands_of(block)
        status = 0
        for index, (command, shown) in enumerate(commands):
            status, printed = self.command(command, status)
            tolerated = commands[index + 1 :][:1] and commands[index + 1][0] == "echo $?"
            assert status == 0 or tolerated, f"`{command}` ends with {status}\n{printed}"
            if any(line.strip() for line in shown.text):
                compare(shown, printed)

    def command(self, command, status_before):
        """Exit status and output of one command."""
        if command in self.given:
            return 0, self.given[command]
        done = subprocess.run(
            # So that `$?` is what it would be in one shell.
            ["bash", "-c", f"(exit {status_before})\n{command}"],
            cwd=ROOT if command.startswith("cargo ") else self.scratch,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
        )
        return done.returncode, done.stdout

    def script(self, block):
        text = "\n".join(block.text)
        if block.language == "sql":
            done = self.execute([sys.executable, "-c", SQL], text)
        else:
            done = self.execute([sys.executable, "-"], text)
        assert done.returncode == 0, done.stderr
        if block.output is not None:
            compare(block.output, done.stdout)

    def execute(self, command, text):
        return subprocess.run(
            command,
            cwd=self.scratch,
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kendall", type=Path, required=True, help="the binary to run")
    parser.add_argument("--given", nargs=2, action="append", default=[], metavar=("COMMAND", "LOG"))
    parser.add_argument("--update", action="store_true", help="change the pages that differ")
    parser.add_argument("pages", nargs="*", type=Path, help="all by default")
    arguments = parser.parse_args()
    pages = arguments.pages or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    given = {
        command: Path(log).read_text(encoding="utf-8", errors="replace")
        for command, log in arguments.given
    }
    folder = arguments.kendall.resolve().parent
    environment = dict(os.environ, PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")
    environment.update(
        CARGO_TERM_QUIET="true", COLUMNS="100", LC_ALL="C.UTF-8", NO_COLOR="1"
    )

    checks = Checks()
    for path in pages:
        name = os.path.relpath(path, ROOT)
        with tempfile.TemporaryDirectory() as scratch:
            page = Page(Path(scratch), environment, given)
            text = path.read_text(encoding="utf-8")
            for block in checks.run(name, blocks_of, text) or []:
                runs = block.language in {"console", "sql", "python", "toml"} | REFUSED
                if runs or block.title:
                    checks.run(f"{name}:{block.line}", page.check, block)
            if arguments.update and page.differences:
                path.write_text(updated(text, page.differences), encoding="utf-8")
    checks.finish()


if __name__ == "__main__":
    main()

"""Processor time and memory of a command."""

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# A shell starts the command, waits, and turns into the interpreter that reads what the kernel
# counted for it. The peak of a process includes what the process that it was forked from occupied
# before the command took its place: here a shell, which is small.
SHELL = """\
ulimit -c 0; ulimit -S -t "$1"; out=$2; err=$3; reader=$4; python=$5; shift 5
"$@" </dev/null >"$out" 2>"$err"
exec "$python" -I -S -c "$reader" $?
"""
READER = """\
import resource, sys
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(sys.argv[1], used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


class Failed(Exception):
    """Why there are no numbers."""


@dataclass
class Use:
    """What a run took: processor time, user and system, and the largest resident size."""

    seconds: float
    mebibytes: float
    stopped: bool


def measure(words, folder, limit_s):
    """Runs a command and returns its standard output and what it took. It is stopped after
    `limit_s` whole seconds of processor time."""
    out, err = Path(folder, "stdout"), Path(folder, "stderr")
    shell = ["sh", "-c", SHELL, "sh", str(limit_s), str(out), str(err), READER, sys.executable]
    read = subprocess.run([*shell, *words], capture_output=True, text=True, check=True).stdout
    status, seconds, kibibytes = read.split()
    use = Use(float(seconds), int(kibibytes) / 1024, stopped=False)
    if int(status) != 0:
        use.stopped = int(status) == 128 + signal.SIGXCPU
        if not use.stopped:
            complaint = err.read_text().strip().splitlines()
            reason = complaint[-1] if complaint else f"exit code {status}"
            raise Failed(f"`{words[0]}` failed: {reason}")
    return out.read_text(), use

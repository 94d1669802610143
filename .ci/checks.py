"""Counts checks and ends a script with the line that `.ci/run` reads."""

import sys
import traceback


class Checks:
    """Runs named checks, each a call that raises if it fails."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def run(self, name, check, *arguments):
        """Calls `check(*arguments)`, counts it and returns its result; `None` if it fails."""
        try:
            result = check(*arguments)
        except Exception as error:  # Whatever it is, the other checks shall still run.
            self.failed += 1
            print(f"FAIL {name}: {error}")
            if not isinstance(error, AssertionError):
                traceback.print_exc(file=sys.stdout)
            return None
        self.passed += 1
        print(f"ok   {name}")
        return result

    def finish(self):
        """Prints the totals and ends the process."""
        print(f"{self.passed} passed, {self.failed} failed, 0 skipped")
        sys.exit(1 if self.failed else 0)

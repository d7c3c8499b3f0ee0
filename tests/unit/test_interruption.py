"""Ctrl-C ends a command at once, and says what becomes of its work."""

import subprocess
import sys

import pytest

RUN = """
import os, signal, time
from orchestration.interruption import ends_at_once, in_command
signal.signal(signal.SIGINT, signal.default_int_handler)
{first}
try:
    with ends_at_once():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
except KeyboardInterrupt:
    print("left to the caller")
"""


@pytest.mark.parametrize(
    ("first", "code", "said"),
    [
        ("in_command()", 130, "Stopped. What was published before stays"),
        ("", 0, "left to the caller"),
    ],
)
def test_a_command_is_stopped_at_once_and_a_run_of_others_by_them(
    first: str, code: int, said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(first=first)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True)
    assert "Traceback" not in done.stderr


def test_what_ctrl_c_did_before_is_done_again_after_the_block() -> None:
    script = RUN.format(first="in_command()").replace(
        "        os.kill(os.getpid(), signal.SIGINT)\n        time.sleep(5)", "        pass"
    )
    script += "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"

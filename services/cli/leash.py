"""Runs a module that ends with whoever started it: `python -m services.cli.leash FD MODULE`.

FD is the reading end of a pipe whose other end the starter holds. However the starter ends, by `kill -9` too, the
kernel closes that end, and the module is told to stop. It works on every POSIX system, without a process of its own.
"""

import os
import runpy
import signal
import sys
import threading
import time

GRACE_S = 8.0
"""A service ends within 5 s of a signal; the whole house has 10 s."""


def _hold(fd: int) -> None:
    os.read(fd, 1)  # nothing is ever written: this returns when the other end is gone
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


def main() -> None:
    fd, module = int(sys.argv[1]), sys.argv[2]
    threading.Thread(target=_hold, args=(fd,), daemon=True).start()
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

"""opened.py - servers that are started in order and closed in the opposite one."""


class Opened:
    """`_start()` puts a way to close each thing into `_open`; half a start is closed, too."""

    def __init__(self):
        self._open = []

    def _start(self):
        raise NotImplementedError

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        for close in reversed(self._open):
            close()
        self._open = []

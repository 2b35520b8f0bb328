"""trace_pictures.py - Zipkin's pages of traces as pictures, for LONGSPAN_PICTURES_TO."""

import os
import subprocess

from suite import need

SIZE = "1500,800"
DRAWN_MS = 8000  # of the page's own clock
TIMEOUT_S = 60


def take(pipeline, mode, spans):
    """Of each trace that one record has spans in: traces_MODE.png, traces_MODE_hop.png."""
    folder = os.environ.get("LONGSPAN_PICTURES_TO")
    if not folder:
        return
    os.makedirs(folder, exist_ok=True)
    traces = list(dict.fromkeys(span["traceId"] for span in spans.values()))
    for trace, name in zip(traces, (f"traces_{mode}", f"traces_{mode}_hop")):
        path = os.path.join(folder, f"{name}.png")
        subprocess.run([need("chromium", "chromium"), "--headless", "--no-sandbox",
                        "--disable-gpu", "--disable-background-networking", "--hide-scrollbars",
                        f"--user-data-dir={pipeline.suite.folder}/chromium",
                        f"--window-size={SIZE}", f"--virtual-time-budget={DRAWN_MS}",
                        f"--screenshot={path}", pipeline.zipkin.page_of(trace)],
                       capture_output=True, timeout=TIMEOUT_S, check=True)
        pipeline.suite.say(f"{path}: trace {trace}")

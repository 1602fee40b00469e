"""Looks at what a training will find, with the interpreter that will run it, and prints one line of JSON.

    python preflight.py < {"packages": ["torch", …], "model": "…" | null, "template": null | "file", "rows": "file" | null}

A row may take `seconds`, 60 when absent.
"""

import json
import os
import sys
import threading
import time
from importlib import metadata

MARK = "@@LONGHAND "


def versions(names):
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def devices():
    try:
        import torch
    except Exception as error:
        return {"torch": f"{type(error).__name__}: {error}"[:300]}
    return {"cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0}


MOST_SECONDS = 60


class Watch:
    """Ends the process where one row takes too long: a chat template may be endless."""

    def __init__(self, said, seconds):
        self.said, self.seconds, self.since = said, seconds, None
        threading.Thread(target=self.run, daemon=True).start()

    def restart(self):
        self.since = time.monotonic()

    def run(self):
        while True:
            time.sleep(0.1)
            if self.since is not None and time.monotonic() - self.since > self.seconds:
                problem = f"TimeoutError: the chat template took longer than {self.seconds} s for a row"
                print(MARK + json.dumps({**self.said, "problem": problem}), flush=True)
                os._exit(1)


def lengths(model, template, rows, watch):
    from longhand_rows import IGNORED, Renderer, conversations_of, load_tokenizer, read_lines, tokenise

    tokenizer, _ = load_tokenizer(model, template)
    renderer = Renderer(tokenizer)
    counts = []
    for row in read_lines(rows):
        watch.restart()
        found = []
        for messages, mask in conversations_of(row):
            ids, labels = tokenise(renderer, messages, mask)
            trained = [at for at, label in enumerate(labels, 1) if label != IGNORED]
            found.append((len(ids), len(trained), trained[0] if trained else 0))
        # Both answers of a pair are trained, and it is as long as the longer one.
        tokens, trained, first = zip(*found, strict=True)
        counts.append([max(tokens), sum(trained), min(first)])
    watch.since = None
    return {"lengths": counts}


def site():
    here = os.path.dirname(os.path.abspath(__file__))
    return [path for path in sys.path if os.path.isdir(path) and os.path.abspath(path) != here]


def main():
    asked = json.load(sys.stdin)
    said = {"python": sys.version.split()[0], "site": site(), "packages": versions(asked["packages"]), **devices()}
    if asked.get("model") and asked.get("rows"):
        try:
            watch = Watch(dict(said), asked.get("seconds", MOST_SECONDS))
            said.update(lengths(asked["model"], asked.get("template"), asked["rows"], watch))
        except Exception as error:
            said["problem"] = f"{type(error).__name__}: {error}"[:500]
    print(MARK + json.dumps(said), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    main()

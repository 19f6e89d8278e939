"""Load on the two functions that somebody waits for, in process: the handlers as built, AWS stood in for by canned replies.

So this tells what our own code costs under load, and nothing of AWS. One worker takes all requests; in Lambda each waiting request
would get an execution environment of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench import figures
from tests.bench.story import ACCOUNT, recorded

EVENTS = 200


def measure(build: Path, seconds: float) -> dict[str, Any]:
    story = recorded()
    triggers = [story.trigger() for _ in range(EVENTS)]
    wishes = {
        "webhooks, handler in process": ("SurveyTrigger", triggers),
        "answers, handler in process": ("RatingCallback", [story.answer("plain")]),
    }
    folders = [build / "Vendor" / "python", build / "Hearback" / "python", figures.ROOT]
    environment = {
        **ACCOUNT,
        **story.environment,
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": "load",
    }
    found = {}
    for name, (function, events) in wishes.items():
        wish = {"replies": story.canned.to_plain(), "folder": str(build / function), "events": events, "seconds": seconds}
        command = [os.path.realpath(sys.executable), "-S", "-m", "tests.load.handlers_process"]
        done = subprocess.run(command, env=environment, input=json.dumps(wish), stdout=subprocess.PIPE, text=True, check=True)
        found[name] = json.loads(done.stdout)
    return found

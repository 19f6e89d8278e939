"""One running local cloud: engine, deployed stack, journal and clock, started in order, stopped cleanly."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

from tests.local import deployment, seed
from tests.local.client import Client, UnexpectedAnswerError
from tests.local.clock import Clock, Time
from tests.local.engine import Engine
from tests.local.journal import Journal
from tests.local.relay import relay
from tests.local.settings import StartError, is_free
from tests.local.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local.settings import Settings


class Cloud:
    """`doing` says in words what is going on until `ready`."""

    def __init__(self, settings: Settings, say: Callable[[str], None] = print) -> None:
        self.settings = settings
        self._say = say
        self.ready = False
        self.seeding = False
        self.doing = "starting"
        self._began = time.monotonic()
        self.moving = threading.Lock()
        settings.state.mkdir(parents=True, exist_ok=True)
        self.engine = Engine(settings.state)
        self.journal = Journal(settings.state / "requests.jsonl", settings.url)
        self.clock = Clock(settings.clock_file)

    def start(self) -> None:
        self._step("building (sam build; about 20 s when something changed)")
        built = deployment.build(self.settings)
        self._step("starting the engine (MiniStack)")
        self.engine.start()
        self.stack = Stack(self.engine.url)
        self.time = Time(self.stack, self.clock)
        self._step("deploying (sam deploy; about 10 s when something changed)")
        if deployment.deploy(self.settings, self.engine.url, built, exists=self.stack.exists()):
            self.stack.make_routes()
            self.stack.allow_batches()
            self.stack.allow_plain_http()
        self.stack.prepare_wake()
        self._step("seeding the playground")
        self.seeding = True
        try:
            seed.seed(Client(self.settings.url), self.settings.state)
        except UnexpectedAnswerError as problem:
            raise StartError(f"The playground's configuration was not taken: {problem}") from problem
        self._open_to_containers()
        self.ready = True

    def stop(self) -> None:
        self.ready = False
        self.engine.stop(save=not self.settings.throwaway)

    def _open_to_containers(self) -> None:
        """For `sam local ... --env-vars`: a container of SAM's then works on this very stack. It cannot see the clock's file."""
        if self.settings.containers:
            relay(self.settings.containers, self.engine.port)
            relay(self.settings.containers, self.settings.port)
        host = self.settings.containers or "127.0.0.1"
        variables = {
            **self.stack.environment(),
            "HEARBACK_AWS_ENDPOINT_URL": f"http://{host}:{self.engine.port}",
            "HEARBACK_LOCAL_VENDORS_URL": self.settings.vendors_url.replace("127.0.0.1", host),
            "HEARBACK_LOCAL_CLOCK_FILE": "",
        }
        (self.settings.state / "sam-local-env.json").write_text(json.dumps({"Parameters": variables}, indent=2), encoding="utf-8")

    def _step(self, doing: str) -> None:
        self.doing = doing
        self._say(f"{time.monotonic() - self._began:5.0f} s  {doing} ...")


def require_free(port: int) -> None:
    if not is_free(port):
        raise StartError(f"Port {port} is taken. Stop what uses it (`make stop`, if it is this project's), or `make run PORT=3001`.")

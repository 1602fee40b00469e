import { z } from 'zod';
import { wellFormed } from '../rows.ts';
import type { ProblemForm } from './form.ts';
import { ABOUT_PROBLEMS, ProblemFacts, problemFacts, questionOf } from './problems.ts';

const PACKAGE = 'longhand_problems';

const PYPROJECT = `[project]
name = "longhand-problems"
version = "0.1.0"
description = "Mathematics problems of a Longhand export: one turn, the boxed answer is compared."
requires-python = ">=3.11"
dependencies = ["verifiers>=0.4", "math-verify>=0.8"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["${PACKAGE}"]
`;

const INIT = `from ${PACKAGE}.taskset import LonghandTaskset

__all__ = ["LonghandTaskset"]
`;

const TASKSET = `"""Problems of a Longhand export. The reward is 1 for a right answer in the last box of the reply."""

import json
from pathlib import Path

import verifiers.v1 as vf

from ${PACKAGE}.grade import grade

HERE = Path(__file__).parent


class LonghandData(vf.TaskData):
    answer: str


class LonghandTask(vf.Task[LonghandData]):
    @vf.reward(weight=1.0)
    async def correct(self, trace: vf.Trace) -> float:
        return await grade(trace.last_reply or "", self.data.answer)

    async def validate(self, runtime: vf.Runtime) -> bool:
        return await grade(f"\\\\boxed{{{self.data.answer}}}", self.data.answer) == 1.0


class LonghandConfig(vf.TasksetConfig):
    problems: Path = HERE / "problems.jsonl"
    """The problems of this or another export."""


class LonghandTaskset(vf.Taskset[LonghandTask, LonghandConfig]):
    def load(self):
        with open(self.config.problems, encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                data = LonghandData(id=row["id"], prompt=row["question"], answer=row["answer"])
                yield LonghandTask(data, self.config.task)
`;

const GRADE = `"""Compares the last box of a reply with an answer."""

import asyncio
import json
import logging
import os
import re
import sys
from pathlib import Path
from weakref import WeakKeyDictionary

HERE = Path(__file__).parent
# Seconds for one comparison. A reply can hold a number that no program can compute.
LIMIT = 20
# Comparisons that run together. With more than processors, the limit would end right answers too.
MOST_RUNNING = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
BRACE = re.compile(r"(\\\\boxed)?\\{|\\}")

log = logging.getLogger(__name__)
slots = WeakKeyDictionary()


async def grade(reply: str, answer: str) -> float:
    """1.0 if the last box of the reply has the answer. Compared in a process that is ended at its limit."""
    boxed = last_box(reply)
    if boxed is None:
        return 0.0
    if boxed.strip() == answer.strip():
        return 1.0
    async with slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MOST_RUNNING)):
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(HERE / "compare.py"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(json.dumps([answer, boxed]).encode()), LIMIT)
        except asyncio.TimeoutError:
            log.warning("A reply was not compared within %s s. Its reward is 0.", LIMIT)
            return 0.0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return 1.0 if output.strip() == b"equal" else 0.0


def last_box(text: str) -> str | None:
    """The content of the last complete \\\\boxed{}, found in one pass: a reply can have thousands without an end."""
    opened = []
    start = end = 0
    for brace in BRACE.finditer(text):
        if brace.group() != "}":
            opened.append(brace.end() if brace.group(1) else 0)
        elif opened and (content := opened.pop()) > start:
            start, end = content, brace.start()
    return text[start:end] if start else None
`;

const COMPARE = `"""Reads a list of two answers as JSON, and prints whether they are equal."""

import json
import sys

from math_verify import parse, verify

gold, prediction = (parse(f"\\\\boxed{{{answer}}}") for answer in json.load(sys.stdin))
print("equal" if verify(gold, prediction) else "different")
`;

/** A package with a taskset of verifiers (https://github.com/PrimeIntellect-ai/verifiers), version 0.4 or later. */
export const verifiers: ProblemForm = {
  id: 'verifiers',
  title: 'RLVR (verifiers)',
  summary: 'A package with an environment of verifiers: the problems, and a reward that compares boxed answers.',
  about: `Every row has \`id\`. ${ABOUT_PROBLEMS} Install the folder with \`pip install -e\`. The environment is \`longhand-problems\`, and \`problems\` of its configuration can be the file of another export.`,
  unit: 'problem',
  takes: 'problems',
  mask: 'none',
  files: [
    {
      name: `${PACKAGE}/problems.jsonl`,
      config: 'verifiers',
      holds: '`question` and `answer`',
      row: z.object({ id: z.string(), question: z.string(), answer: z.string(), ...ProblemFacts.shape }),
    },
  ],
  rows: (known) => [
    {
      id: wellFormed(known.problem.id),
      question: questionOf(known),
      answer: wellFormed(known.problem.answer),
      ...problemFacts(known),
    },
  ],
  extras: {
    'pyproject.toml': PYPROJECT,
    [`${PACKAGE}/__init__.py`]: INIT,
    [`${PACKAGE}/taskset.py`]: TASKSET,
    [`${PACKAGE}/grade.py`]: GRADE,
    [`${PACKAGE}/compare.py`]: COMPARE,
  },
};

"""Runs `thicket` as people and programs do, against nodes of a simulation that goes on meanwhile.

From the environment: THICKET_BIN, the folder of the program; .build/debug unless it says otherwise. UPDATE_SNAPSHOTS, not empty:
output for people is not compared with that of the last time but kept for the next.
"""
import ctypes
import difflib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

import schema

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FOLDER = os.environ.get("THICKET_BIN") or os.path.join(ROOT, ".build/debug")
PROGRAM = os.path.join(FOLDER, "thicket")
COLUMNS = 80
SNAPSHOTS = os.path.join(HERE, "snapshots")

# Verbs with verbs of their own, and the one that is meant if none is given.
GROUPS = {"config": None, "time": "get", "group": None, "key": None, "sim": None}
# Verbs that tests have run, such as `config get`.
ran = set()

_libc = ctypes.CDLL(None)


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)


def verb(words):
    """The verb that words begin with, such as `config get`."""
    if words[0] not in GROUPS:
        return words[0]
    part = words[1] if len(words) > 1 and not words[1].startswith("-") else GROUPS[words[0]]
    return f"{words[0]} {part}" if part else words[0]


def command_line(*words):
    """The program and what is typed behind its name."""
    if words and not {"--help", "--version"} & set(words):
        ran.add(verb(words))
    return [PROGRAM, *words]


def definition(words):
    """How the lines are defined that words ask for; None if they are for people."""
    return "thicket " + verb(words) if {"--json", "--stream"} & set(words) else None


class Running:
    """A command that goes on; its lines are read as they come."""

    def __init__(self, command, stdin=subprocess.DEVNULL):
        self.definition = definition(command[1:])
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=_die_with_parent)
        # Nobody reads its notes while it runs, and it must not wait for that.
        self.notes = []
        self.reader = threading.Thread(target=lambda: self.notes.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def object(self):
        return schema.check(self.line(), self.definition)

    def interrupt(self):
        """Ctrl-C; gives what is left of the output, and the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.rest()

    def rest(self, timeout=20):
        killer = threading.Timer(timeout, self.process.kill)
        killer.start()
        output = self.process.stdout.read()
        code = self.process.wait()
        killer.cancel()
        self.reader.join(5)
        if self.definition:
            for line in output.splitlines():
                schema.check(line, self.definition)
        return output, code

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        if self.process.stdin:
            self.process.stdin.close()


class Result:
    """What a command left behind; JSON is as the schema says."""

    def __init__(self, process, words):
        self.code = process.returncode
        self.output = process.stdout
        self.notes = process.stderr
        self.lines = process.stdout.splitlines()
        name = definition(words)
        self.objects = [schema.check(line, name) for line in self.lines] if name else None


def alone(*words, timeout=60, **options):
    """Runs a verb that talks to no node, or to one that the words name."""
    process = subprocess.run(command_line(*words), capture_output=True, text=True, timeout=timeout, **options)
    return Result(process, words)


class SnapshotTest(unittest.TestCase):
    """Tests that compare what people see with what they saw before."""

    maxDiff = None

    def assert_fits(self, result):
        """Output for people must fit a terminal that may be no terminal."""
        for line in result.lines:
            self.assertLessEqual(len(line), COLUMNS, line)
            self.assertNotIn("\x1b", line)

    def assert_snapshot(self, name, text, *changes):
        """Compares with what is kept, but for numbers with decimals and what the changes replace: pairs for `re.sub`."""
        for pattern, replacement in [*changes, (r" *(?<![\w.])-?\d+\.\d+(?![\w.]) *", " # "), (r" +$", "")]:
            text = re.sub(pattern, replacement, text, flags=re.M)
        path = os.path.join(SNAPSHOTS, name + ".txt")
        if os.environ.get("UPDATE_SNAPSHOTS"):
            os.makedirs(SNAPSHOTS, exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return
        if not os.path.exists(path):
            self.fail(f"there is no {path}; UPDATE_SNAPSHOTS=1 writes it:\n{text}")
        with open(path, encoding="utf-8") as file:
            kept = file.read()
        if kept != text:
            lines = difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "now", lineterm="")
            self.fail(f"{name} is different; if that is meant, UPDATE_SNAPSHOTS=1 keeps it:\n" + "\n".join(lines))


class SimulationTest(SnapshotTest):
    """Tests on a mesh of simulated nodes, one for each class."""

    scenario = os.path.join(HERE, "scenario.yaml")
    # Simulated seconds per second.
    speed = "10"
    # From when on they are served.
    skip = "formed"
    # How the simulation is changed.
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="thicket-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.server = Running(command_line("sim", "serve", cls.scenario, "--skip", cls.skip, "--speed", cls.speed,
                                          "--sockets", cls.folder, "--json", *cls.options))
        cls.addClassCleanup(cls.server.stop)
        line = cls.server.line()
        if not line:
            raise AssertionError(f"the simulation did not start: {''.join(cls.server.notes)}")
        cls.serving = schema.check(line, "thicket sim serve")

    def command(self, words, node):
        return command_line(*words, "--node", f"{self.folder}/{node}.sock")

    def run_thicket(self, *words, node=1, code=0, stdin=None, environment=None, wide=False):
        """Runs a verb at a node and checks its exit code; output for people must fit the terminal, unless it is wide."""
        process = subprocess.run(
            self.command(words, node), input=stdin, capture_output=True, text=True, timeout=120,
            env={**os.environ, **(environment or {})}, **({} if stdin is not None else {"stdin": subprocess.DEVNULL}))
        result = Result(process, words)
        self.assertEqual(result.code, code, f"{words}: {result.output}{result.notes}")
        if result.objects is None and not wide:
            self.assert_fits(result)
        return result

    def start_thicket(self, *words, node=1, stdin=subprocess.DEVNULL):
        """Starts a verb that goes on; the test ends it."""
        running = Running(self.command(words, node), stdin)
        self.addCleanup(running.stop)
        return running

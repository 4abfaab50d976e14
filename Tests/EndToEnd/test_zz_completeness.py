"""Nothing slips by: every verb has been run, and what it prints as JSON has been held against the schema. Comes last."""
import glob
import os
import re
import sys
import unittest

import schema
import thicket
from test_help import verbs
from thicket import ROOT, alone

# What no test brings about: readers that are too slow, clocks that jump.
UNSEEN = {"gap", "history_clock_jump", "history_loss", "history_partner", "history_formation",
          "history_cluster", "history_day"}


class CompletenessTest(unittest.TestCase):
    def test_the_schema_knows_what_the_source_prints(self):
        printed = set()
        for path in glob.glob(os.path.join(ROOT, "Sources/**/*.swift"), recursive=True):
            with open(path, encoding="utf-8") as file:
                printed |= set(re.findall(r'\bJSONObject\(kind: "(\w+)"\)', file.read()))
        kinds = {item["properties"]["kind"].get("const") for item in schema.DEFINITIONS.values()
                 if "kind" in item.get("properties", {})}
        self.assertEqual(printed - kinds, set())
        with open(os.path.join(ROOT, "Sources/MeshControl/JSON/TraceEvent+Fields.swift"), encoding="utf-8") as file:
            events = set(re.findall(r'\bnamed\(\s*"(\w+)"', file.read()))
        defined = {item["properties"]["trace"]["const"] for item in schema.DEFINITIONS["event"]["oneOf"]}
        self.assertEqual(events, defined - {"delivered"})

    def test_every_verb_has_been_run(self):
        self.need_all_tests()
        self.assertEqual(set(verbs()) - thicket.ran, set())

    def test_every_verb_with_json_is_in_the_schema_and_seen(self):
        self.need_all_tests()
        printing = {"thicket " + verb for verb in verbs() if re.search(r"^  --json\b", alone(*verb.split(" "), "--help").output, re.M)}
        defined = {name for name in schema.DEFINITIONS if name.startswith("thicket ")}
        # A port for other programs, with messages of its own.
        self.assertEqual(printing - {"thicket sim node"}, defined)
        unseen = {f"{name}: {part}" for name in defined
                  for part in set(schema.parts(name)) - schema.seen.get(name, set()) - UNSEEN}
        self.assertEqual(unseen, set())

    def need_all_tests(self):
        names = {name[:-3] for name in os.listdir(thicket.HERE) if name.startswith("test_") and name.endswith(".py")}
        if not names <= set(sys.modules):
            self.skipTest("only with all tests")


if __name__ == "__main__":
    unittest.main()

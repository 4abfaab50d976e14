"""Nothing slips by: every verb has been run, and what it prints as JSON has been held against the schema. Comes last."""
import os
import sys
import unittest

import schema
import thicket
from test_help import verbs
from thicket import alone


class CompletenessTest(unittest.TestCase):
    def setUp(self):
        names = {name[:-3] for name in os.listdir(thicket.HERE) if name.startswith("test_") and name.endswith(".py")}
        if not names <= set(sys.modules):
            self.skipTest("only with all tests")

    def test_every_verb_has_been_run(self):
        self.assertEqual(set(verbs()) - thicket.ran, set())

    def test_every_verb_with_json_is_in_the_schema_and_nothing_else(self):
        printing = {"thicket " + verb for verb in verbs() if "--json" in alone(*verb.split(" "), "--help").output}
        defined = {name for name in schema.DEFINITIONS if name.startswith("thicket ")}
        self.assertEqual(printing, defined)
        # Two kinds of help: nobody enrols in a simulation.
        self.assertEqual(defined - set(schema.seen), set())


if __name__ == "__main__":
    unittest.main()

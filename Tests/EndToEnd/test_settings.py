"""What is set at nodes, their time, groups, keys and enrolment.

    python3 -m unittest discover --start-directory Tests/EndToEnd
"""

import os
import pathlib
import stat
import time
import unittest

from served import ServedNetwork, objects, run


class SettingsTests(ServedNetwork):
    def refused(self, *arguments, status):
        """Runs a verb that is refused; gives what it says."""
        code, output, errors = run(*arguments, "--node", self.node(1))
        self.assertEqual((code, output), (status, ""), errors)
        return errors

    def path(self, name):
        return pathlib.Path(self.folder.name) / name

    # config

    def test_settings_are_got_set_and_compared(self):
        before = {item["key"]: item["value"] for item in self.verb("config", "get", "7")}
        self.assertEqual((before["network"], before["sink"], before["reports.status"]), (11, False, 0))
        self.assertEqual(before["modules.io"], "on")
        changes = {"reports.status": ("60", 60), "reports.time": ("0.5", 0.5), "reports.live": ("50", 50),
                   "modules.io": ("off", "off")}
        for key, (value, _) in changes.items():
            self.verb("config", "set", "7", key, value)
        for key, (_, value) in changes.items():
            # Any node can be asked by way of any other.
            self.assertEqual(self.verb("config", "get", "7", key, node=9)[0]["value"], value)
        *differences, summary = self.verb("config", "diff", "3", "7", status=1)
        self.assertEqual({item["key"]: item["second"] for item in differences},
                         {key: value for key, (_, value) in changes.items()})
        self.assertEqual(summary["differences"], len(changes))
        for key in changes:
            self.verb("config", "set", "7", key, str(before[key]))
        self.assertEqual(self.verb("config", "diff", "3", "7")[-1]["differences"], 0)

    def test_a_module_that_is_off_does_not_act(self):
        self.verb("config", "set", "8", "modules.debug", "off")
        lines = run("terminal", "--node", self.node(1), text="action 8 debug get_stats\r")[1]
        self.assertNotIn("debug_stats", lines)
        self.verb("config", "set", "8", "modules.debug", "on")
        lines = run("terminal", "--node", self.node(1), text="action 8 debug get_stats\r")[1]
        self.assertIn("debug_stats", lines)

    def test_the_number_of_enrolled_nodes_spreads(self):
        self.verb("config", "set", "4", "enrolled_nodes", "12")
        deadline = time.monotonic() + 60
        while self.verb("status", node=11)[0]["expected_size"] != 12:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(1)

    def test_a_node_that_is_not_there_is_answered_with_the_closest(self):
        self.assertEqual(
            self.refused("config", "get", "112", status=1),
            "error: node 112 does not answer; of the 12 nodes that do, is 11 meant?\n",
        )

    def test_mistakes_are_said_at_once(self):
        for arguments, text in {
            ("get", "7", "report.status"): "there is no setting 'report.status'; is 'reports.status' meant?",
            ("get", "7", "preferred"): "nodes do not tell it to others",
            ("set", "7", "network", "12"): "it is set in the configuration file",
            ("set", "7", "reports.status", "soon"): "a number of seconds, 0...6553.5",
            ("set", "0", "reports.status", "1"): "'0' is no node",
        }.items():
            self.assertIn(text, self.refused("config", *arguments, status=64))

    def test_files_are_checked_and_compared(self):
        good = self.path("good.yaml")
        good.write_text("node: 5\nnetwork: 11\nsink: true\nkey: '" + "22" * 16 + "'\n", encoding="utf-8")
        self.assertEqual(run("config", "check", str(good))[:2], (0, f"{good} is good: node 5 of network 11\n"))
        *differences, summary = self.verb("config", "diff", "5", str(good), status=1)
        self.assertEqual([(item["key"], item["first"], item["second"]) for item in differences], [("sink", False, True)])
        self.assertEqual((summary["first"], summary["second"]), ("node 5", str(good)))
        bad = self.path("bad.yaml")
        for text, place in {"node: 5\nnetwrok: 11\n": "bad.yaml:2: key 'netwrok'", "node: 5\nkey: ab\n": "key 'key'",
                            "node: 5\nradio: usb\nkey: '" + "22" * 16 + "'\n": "key 'radio': no such radio"}.items():
            bad.write_text(text, encoding="utf-8")
            code, output, errors = run("config", "check", str(bad))
            self.assertEqual((code, output, len(errors.splitlines())), (65, "", 1))
            self.assertIn(place, errors)

    # time

    def test_the_time_is_set_and_spreads(self):
        told = self.verb("time", "set", "--offset", "90")[0]
        self.assertLess(abs(told["network_time"] - time.time()), 60)
        deadline = time.monotonic() + 120
        while True:
            code, output, errors = run("time", "--node", self.node(12), "--json")
            if code == 0:
                break
            self.assertLess(time.monotonic(), deadline, output + errors)
            time.sleep(1)
        *nodes, summary = objects(output)
        self.assertEqual([item["node"] for item in nodes], list(range(1, 13)))
        self.assertEqual({item["local_offset_min"] for item in nodes}, {90})
        self.assertEqual([item["node"] for item in nodes if item["master"]], [1])
        self.assertTrue(all(abs(item["offset_s"]) <= 5 for item in nodes), output)
        self.assertEqual((summary["answers"], summary["passed"]), (12, True))

    # group

    def test_a_node_is_in_its_groups(self):
        self.assertEqual(self.verb("group", "list", "6")[0]["groups"], [])
        self.verb("group", "add", "6", "21001")
        self.verb("group", "add", "6", "21007")
        self.assertEqual(self.verb("group", "list", "6")[0]["groups"], [21001, 21007])
        lines = run("terminal", "--node", self.node(1), text="action 21007 node ping 3\r")[1]
        self.assertIn('"nodeId":6', lines)
        self.assertNotIn('"nodeId":5', lines)
        self.assertEqual(self.verb("group", "remove", "6", "21001")[0]["member"], False)
        self.assertEqual(self.verb("group", "list", "6")[0]["groups"], [21007])
        self.verb("group", "clear", "6")
        self.assertEqual(self.verb("group", "list", "6")[0]["groups"], [])
        self.assertIn("'5' is no group", self.refused("group", "add", "6", "5", status=64))

    def test_no_node_is_in_more_than_twenty_groups(self):
        for group in range(21001, 21021):
            self.verb("group", "add", "2", str(group))
        self.assertEqual(
            self.refused("group", "add", "2", "21021", status=1),
            "error: node 2 refuses: it is in 20 groups already; take it out of one\n",
        )
        self.verb("group", "clear", "2")

    # key, enroll

    def test_keys_are_random_secret_and_never_overwritten(self):
        keys = {run("key", "generate")[1].strip() for _ in range(5)}
        self.assertEqual({len(key) for key in keys}, {32})
        self.assertEqual(len(keys), 5)
        file = self.path("network.key")
        old = os.umask(0)
        try:
            self.assertEqual(run("key", "generate", "--output", str(file))[0], 0)
        finally:
            os.umask(old)
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        before = file.read_bytes()
        code, output, errors = run("key", "generate", "--output", str(file))
        self.assertEqual((code, output, len(errors.splitlines())), (1, "", 1))
        self.assertEqual(file.read_bytes(), before)
        configuration = self.path("with-key.yaml")
        configuration.write_text("node: 5\nkey_file: network.key\n", encoding="utf-8")
        self.assertEqual(run("config", "check", str(configuration))[0], 0)

    def test_an_enrolment_reaches_every_node_and_nobody_carries_it_out_yet(self):
        key = self.path("enrol.key")
        run("key", "generate", "--output", str(key))
        self.assertIn("no node has enrolled FMBBC", self.refused(
            "enroll", "FMBBC", "--as", "13", "--key", str(key), "--timeout", "1", "--wait", "2", status=1))
        heard = self.verb("enroll", "--list", "FMBBC", "FMBBD", "--timeout", "1", status=1)
        self.assertEqual([(item["serial"], item["heard_by"]) for item in heard], [("FMBBC", []), ("FMBBD", [])])
        key.chmod(0o644)
        self.assertIn("mode 0600", self.refused("enroll", "FMBBC", "--as", "13", "--key", str(key), status=65))
        self.assertIn("--as and --key", self.refused("enroll", "FMBBC", status=64))


if __name__ == "__main__":
    unittest.main()

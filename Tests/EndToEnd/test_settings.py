"""What is set at nodes, their time, groups, keys and enrolment."""
import os
import stat
import subprocess
import time
import unittest

from thicket import SimulationTest, alone, command_line


class SettingsTest(SimulationTest):
    # Times are compared with the clock.
    speed = "1"

    def verb(self, *words, node=1, code=0):
        """Runs a verb at a node; gives the objects that it prints."""
        return self.run_thicket(*words, "--json", node=node, code=code).objects

    def refused(self, *words, code):
        """Runs a verb that is refused; gives what it says."""
        result = self.run_thicket(*words, code=code)
        self.assertEqual(result.output, "")
        return result.notes

    def typed(self, line):
        """What the terminal of node 1 prints when a line is typed."""
        command = command_line("terminal", "--node", f"{self.folder}/1.sock")
        return subprocess.run(command, input=line + "\r", capture_output=True, text=True, timeout=60).stdout

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

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
        *differences, summary = self.verb("config", "diff", "3", "7", code=1)
        self.assertEqual({item["key"]: item["second"] for item in differences},
                         {key: value for key, (_, value) in changes.items()})
        self.assertEqual(summary["differences"], len(changes))
        for key in changes:
            self.verb("config", "set", "7", key, str(before[key]))
        self.assertEqual(self.verb("config", "diff", "3", "7")[-1]["differences"], 0)

    def test_a_module_that_is_off_does_not_act(self):
        self.verb("config", "set", "8", "modules.debug", "off")
        lines = self.typed("action 8 debug get_stats")
        self.assertNotIn("debug_stats", lines)
        self.verb("config", "set", "8", "modules.debug", "on")
        lines = self.typed("action 8 debug get_stats")
        self.assertIn("debug_stats", lines)

    def test_the_number_of_enrolled_nodes_spreads(self):
        self.verb("config", "set", "4", "enrolled_nodes", "12")
        deadline = time.monotonic() + 60
        while self.verb("status", node=11)[0]["expected_size"] != 12:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(1)

    def test_a_node_that_is_not_there_is_answered_with_the_closest(self):
        self.assertEqual(
            self.refused("config", "get", "112", code=1),
            "error: node 112 is not in the cluster of 12; did you mean 12?\n",
        )

    def test_mistakes_are_said_at_once(self):
        for arguments, text in {
            ("get", "7", "report.status"): "there is no setting 'report.status'; is 'reports.status' meant?",
            ("get", "7", "preferred"): "nodes do not tell it to others",
            ("set", "7", "network", "12"): "it is set in the configuration file",
            ("set", "7", "reports.status", "soon"): "a number of seconds, 0...6553.5",
            ("set", "0", "reports.status", "1"): "'0' is no node",
        }.items():
            self.assertIn(text, self.refused("config", *arguments, code=64))

    def test_files_are_checked_and_compared(self):
        good = self.write("good.yaml", "node: 5\nnetwork: 11\nsink: true\nkey: '" + "22" * 16 + "'\n")
        checked = alone("config", "check", good)
        self.assertEqual((checked.code, checked.output), (0, f"{good} is good: node 5 of network 11\n"))
        *differences, summary = self.verb("config", "diff", "5", good, code=1)
        self.assertEqual([(item["key"], item["first"], item["second"]) for item in differences], [("sink", False, True)])
        self.assertEqual((summary["first"], summary["second"]), ("node 5", good))
        for text, place in {"node: 5\nnetwrok: 11\n": "bad.yaml:2: key 'netwrok'", "node: 5\nkey: ab\n": "key 'key'",
                            "node: 5\nradio: usb\nkey: '" + "22" * 16 + "'\n": "key 'radio': no such radio"}.items():
            result = alone("config", "check", self.write("bad.yaml", text))
            self.assertEqual((result.code, result.output, len(result.notes.splitlines())), (65, "", 1))
            self.assertIn(place, result.notes)

    # time

    def test_the_time_is_set_and_spreads(self):
        told = self.verb("time", "set", "--offset", "90")[0]
        self.assertLess(abs(told["network_time"] - time.time()), 60)
        deadline = time.monotonic() + 120
        while True:
            result = alone("time", "--json", "--node", f"{self.folder}/12.sock")
            if result.code == 0:
                break
            self.assertLess(time.monotonic(), deadline, result.output + result.notes)
            time.sleep(1)
        *nodes, summary = result.objects
        self.assertEqual([item["node"] for item in nodes], list(range(1, 13)))
        self.assertEqual({item["local_offset_min"] for item in nodes}, {90})
        self.assertEqual([item["node"] for item in nodes if item["master"]], [1])
        self.assertTrue(all(abs(item["offset_s"]) <= 5 for item in nodes), nodes)
        self.assertEqual((summary["answers"], summary["passed"]), (12, True))

    # group

    def test_a_node_is_in_its_groups(self):
        self.assertEqual(self.verb("group", "list", "6")[0]["groups"], [])
        self.verb("group", "add", "6", "21001")
        self.verb("group", "add", "6", "21007")
        self.assertEqual(self.verb("group", "list", "6")[0]["groups"], [21001, 21007])
        pings = [line for line in self.typed("action 21007 node ping 3").splitlines() if '"type":"ping"' in line]
        self.assertEqual(pings, ['{"type":"ping","nodeId":6,"module":0,"requestHandle":3}'])
        self.assertEqual(self.verb("group", "remove", "6", "21001")[0]["member"], False)
        self.assertEqual(self.verb("group", "list", "6")[0]["groups"], [21007])
        self.verb("group", "clear", "6")
        self.assertEqual(self.verb("group", "list", "6")[0]["groups"], [])
        self.assertIn("'5' is no group", self.refused("group", "add", "6", "5", code=64))

    def test_no_node_is_in_more_than_twenty_groups(self):
        for group in range(21001, 21021):
            self.verb("group", "add", "2", str(group))
        self.assertEqual(
            self.refused("group", "add", "2", "21021", code=1),
            "error: node 2 refuses: it is in 20 groups already; take it out of one\n",
        )
        self.verb("group", "clear", "2")

    # key, enroll

    def test_keys_are_random_secret_and_never_overwritten(self):
        keys = {alone("key", "generate").output.strip() for _ in range(5)}
        self.assertEqual({len(key) for key in keys}, {32})
        self.assertEqual(len(keys), 5)
        file = self.path("network.key")
        old = os.umask(0)
        try:
            self.assertEqual(alone("key", "generate", "--output", file).code, 0)
        finally:
            os.umask(old)
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        with open(file, encoding="ascii") as content:
            before = content.read()
        result = alone("key", "generate", "--output", file)
        self.assertEqual((result.code, result.output, len(result.notes.splitlines())), (1, "", 1))
        with open(file, encoding="ascii") as content:
            self.assertEqual(content.read(), before)
        configuration = self.write("with-key.yaml", "node: 5\nkey_file: network.key\n")
        self.assertEqual(alone("config", "check", configuration).code, 0)

    def test_a_device_that_nobody_hears_is_not_enrolled(self):
        key = self.path("enrol.key")
        alone("key", "generate", "--output", key)
        self.assertIn("no node has enrolled FMBBC", self.refused(
            "enroll", "FMBBC", "--as", "13", "--key", key, "--timeout", "1", "--wait", "2", code=1))
        heard = self.verb("enroll", "--list", "FMBBC", "FMBBD", "--timeout", "1", code=1)
        self.assertEqual([(item["serial"], item["heard_by"]) for item in heard], [("FMBBC", []), ("FMBBD", [])])
        os.chmod(key, 0o644)
        self.assertIn("mode 0600", self.refused("enroll", "FMBBC", "--as", "13", "--key", key, code=65))
        self.assertIn("--as and --key", self.refused("enroll", "FMBBC", code=64))


if __name__ == "__main__":
    unittest.main()

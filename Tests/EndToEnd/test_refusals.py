"""What is said when there is no node to talk to: who is missing, and the way out."""
import os
import shutil
import socket
import subprocess
import tempfile

from thicket import PROGRAM, SimulationTest, alone, command_line

# What needs no node, or is a server itself.
ALONE = {"config check", "key generate", "replay", "doctor", "sim run", "sim check", "sim swarm", "sim serve", "sim sweep", "sim recover", "sim merge",
         "sim plot", "sim bench", "sim scenarios", "sim node"}
# What must be said besides the node.
ARGUMENTS = {"ping": ["7"], "trace": ["7"], "bench": ["7"], "send": ["--to", "7", "x"], "config get": ["7"],
             "config set": ["7", "reports.status", "0"], "config diff": ["3", "7"], "config clustering": ["--check"],
             "group add": ["7", "21001"], "group remove": ["7", "21001"], "group list": ["7"], "group clear": ["7"],
             "enroll": ["--list", "FMBBC"]}


class RefusalTest(SimulationTest):
    def live_verbs(self):
        from test_help import verbs
        return [verb for verb in verbs() if verb not in ALONE]

    def test_a_daemon_that_does_not_run(self):
        """Every verb names the socket and says how to start it."""
        path = os.path.join(self.folder, "nobody.sock")
        # A file in the way, and a socket that nobody listens at any more.
        plain = os.path.join(self.folder, "file")
        with open(plain, "w", encoding="utf-8"):
            pass
        left = os.path.join(self.folder, "left.sock")
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(left)
        for verb in self.live_verbs():
            with self.subTest(verb):
                words = [*verb.split(" "), *ARGUMENTS.get(verb, []), "--node"]
                result = alone(*words, path)
                self.assertEqual((result.code, result.output), (3, ""), result.notes)
                self.assertIn(f"cannot reach the daemon at {path}: it is not running; start it with "
                              "'systemctl start thicketd@hci0' or 'thicketd --config FILE'", result.notes)
                self.assertEqual(len(result.notes.splitlines()), 1)
        for path in (plain, left):
            result = alone("status", "--node", path)
            self.assertEqual(result.code, 3)
            self.assertIn(f"{path}: it is not running", result.notes)
        result = alone("status", "--node", "attic")
        self.assertIn("/run/thicket/attic.sock", result.notes)

    def test_a_daemon_that_may_not_be_talked_to(self):
        """The group is named that would help."""
        path = os.path.join(self.folder, "4.sock")
        os.chmod(path, 0)
        self.addCleanup(os.chmod, path, 0o600)
        command = command_line("status", "--node", path)
        options = {}
        if os.geteuid() == 0:
            # Root may do everything: somebody else asks.
            os.chmod(self.folder, 0o755)
            command[0] = shutil.copy(PROGRAM, os.path.join(self.folder, "thicket"))
            options = {"user": 65534, "group": 65534, "extra_groups": []}
            try:
                subprocess.run([command[0], "--version"], check=True, capture_output=True, **options)
            except (OSError, subprocess.SubprocessError) as error:
                self.skipTest(f"another user cannot run it: {error}")
        process = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
        self.assertEqual((process.returncode, process.stdout), (3, ""))
        self.assertEqual(process.stderr, f"error: cannot reach the daemon at {path}: permission denied; join the group "
                         "'thicket' or run as root\n")

    def test_a_path_that_is_too_long(self):
        result = alone("status", "--node", "/" + "x" * 200)
        self.assertEqual(result.code, 3)

    def test_what_a_simulated_node_does_not_have(self):
        for words, text in ((["record", "on"], "'thicket sim run --record NODE=FILE'"), (["capture"], "no controller"),
                            (["history"], "keeps no history")):
            self.assertIn(text, self.run_thicket(*words, code=65 if words == ["history"] else 1).notes)

    def test_a_folder_for_sockets_that_is_in_use_or_a_file(self):
        scenario = self.scenario
        plain = os.path.join(self.folder, "plain")
        with open(plain, "w", encoding="utf-8"):
            pass
        self.assertNotEqual(alone("sim", "serve", scenario, "--sockets", plain).code, 0)
        result = alone("sim", "serve", scenario, "--sockets", self.folder)
        self.assertNotEqual(result.code, 0)
        self.assertEqual(len(result.notes.splitlines()), 1, result.notes)

    def test_nodes_that_are_not_there(self):
        """All at once, for each waits for an answer that does not come."""
        meant = "node 112 is not in the cluster of 12; did you mean 12?"
        failing = [["ping", "112", "-c", "1", "--wait", "0.5"], ["trace", "112"], ["bench", "112", "--bytes", "200"],
                   ["send", "--to", "112", "--confirm", "x"], ["config", "get", "112"], ["group", "list", "112"]]
        # What goes without a confirmation is on its way all the same.
        expected = {**{" ".join(words): (words, 1, meant) for words in failing},
                    "send": (["send", "--to", "112", "x"], 0, "note: " + meant)}
        running = {name: self.start_thicket(*words) for name, (words, _, _) in expected.items()}
        for name, (_, code, text) in expected.items():
            with self.subTest(name):
                self.assertEqual(running[name].rest(timeout=90)[1], code)
                self.assertIn(text, "".join(running[name].notes))


if __name__ == "__main__":
    import unittest
    unittest.main()

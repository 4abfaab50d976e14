"""Unchanged daemons: one that belongs to no network is taken into one by another, restarts, and stays in it."""
import os
import stat
import tempfile
import unittest

import lab

DEVICE_KEY = "5a" * 16


class EnrolmentTest(unittest.TestCase):
    """A member of a network, and a device beside it."""

    def begin(self, way):
        self.folder = tempfile.mkdtemp(prefix="thicket-lab-")
        air = lab.BumbleAir(self.folder, 2)
        self.addCleanup(air.stop)
        self.member = lab.Node(self.folder, air, 0)
        self.device = lab.Node(self.folder, air, 1, identifier=900)
        with open(self.device.configuration) as file:
            text = file.read().replace(f'network: 11\nkey: "{lab.KEY}"\n', f"network: 0\n{way}\n")
        with open(self.device.configuration, "w") as file:
            file.write(text)
        for node in (self.member, self.device):
            self.addCleanup(node.kill)
            node.start()

    def key(self, name, digits):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(digits)
        return path

    def enrol(self, *how, code=0):
        serial = self.device.status()["serial"]
        done = self.member.command("enroll", serial, "--as", "12", "--key", self.key("network.key", lab.KEY), *how)
        self.assertEqual(done[0], code, done)
        return done

    def wait_for_both(self, timeout=60):
        def are_one():
            return [node.status()["cluster_size"] for node in (self.member, self.device)] == [2, 2]
        lab.wait_for(lambda: f"a cluster of two, but {self.device.status()}", are_one, timeout)


class Enrolment(EnrolmentTest):
    def test_a_device_is_enrolled_by_its_key_and_stays_enrolled(self):
        self.begin(f'device_key: "{DEVICE_KEY}"')
        before = self.device.status()
        self.assertEqual((before["node"], before["network"], before["enrolled"]), (900, 0, False))
        # Another key than its own opens nothing.
        self.enrol("--device-key", self.key("wrong.key", "5b" * 16), "--timeout", "5", "--wait", "1", code=1)
        self.enrol("--device-key", self.key("device.key", DEVICE_KEY))
        self.wait_for_both()
        self.assertEqual(self.member.partners(), [12])
        state = os.path.join(self.device.folder, "node-900.json")
        self.assertEqual(stat.S_IMODE(os.stat(state).st_mode), 0o600)
        # A power cut, after which the file of the device still says that it has no network.
        self.device.kill()
        lab.wait_for("the device to be missed", lambda: self.member.status()["cluster_size"] == 1, 30)
        self.device.start()
        self.assertIn("enrolled as node 12 of network 11 over the air", lab.read(self.device.log))
        self.wait_for_both()
        after = self.device.status()
        self.assertEqual((after["node"], after["network"], after["enrolment"]), (12, 11, "stored"))
        serial = after["serial"]
        self.assertEqual(self.member.command("enroll", serial, "--remove")[0], 0)
        lab.wait_for("the device to be out", lambda: self.device.status()["network"] == 0, 30)
        lab.wait_for("the member to be alone", lambda: self.member.status()["cluster_size"] == 1, 30)

    def test_a_device_that_is_open_to_all_is_so_only_until_somebody_enrols_it(self):
        self.begin("open_enrolment: true")
        self.enrol("--open")
        self.wait_for_both()
        # As a member it answers over the mesh, but opens to nobody.
        self.member.kill()
        lab.wait_for("the member to be missed", lambda: self.device.status()["cluster_size"] == 1, 30)
        stranger = lab.Node(self.folder, self.member.air, 0, key=lab.OTHER_KEY, identifier=2)
        self.addCleanup(stranger.kill)
        stranger.start()
        serial = self.device.status()["serial"]
        done = stranger.command("enroll", serial, "--as", "13", "--key", self.key("other.key", lab.OTHER_KEY), "--open",
                                "--timeout", "8", "--wait", "1")
        self.assertEqual(done[0], 1, done)
        self.assertEqual(self.device.status()["node"], 12)


if __name__ == "__main__":
    unittest.main()

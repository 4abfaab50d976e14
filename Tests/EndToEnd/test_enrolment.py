"""A device of a served simulation is taken into the network by way of a node, and out of it."""
import os
import time
import unittest

from thicket import HERE, SimulationTest, alone


class EnrolmentTest(SimulationTest):
    scenario = os.path.join(HERE, "enrolment.yaml")
    speed = "5"

    def verb(self, *words, node=1, code=0):
        """Runs a verb at a node; gives the objects that it prints."""
        return self.run_thicket(*words, "--json", node=node, code=code).objects

    def status(self, node):
        """The status of a node, good or not."""
        result = alone("status", "--json", "--node", f"{self.folder}/{node}.sock")
        self.assertIn(result.code, (0, 1, 2), result.notes)
        return result.objects[0]

    def key(self, name, byte):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(byte * 16)
        return path

    def wait_for(self, place, **wanted):
        """Waits until the status of a node says so."""
        deadline = time.monotonic() + 60
        while True:
            status = self.status(place)
            if all(status[key] == value for key, value in wanted.items()):
                return status
            self.assertLess(time.monotonic(), deadline, status)
            time.sleep(0.5)

    def test_a_device_is_enrolled_joins_and_is_removed(self):
        network, device = self.key("network.key", "22"), self.key("device.key", "11")
        before = self.status(4)
        self.assertEqual((before["node"], before["network"], before["enrolled"], before["enrolment"]),
                         (4, 0, False, "configuration"))
        self.assertEqual((before["health"], before["cluster_size"]), ("isolated", 1))
        self.assertIn("not enrolled", before["reason"])
        serial = before["serial"]
        # Who is near.
        heard = self.verb("enroll", "--list", serial, "FMBBB", "--timeout", "3")
        self.assertEqual([(item["serial"], item["heard_by"]) for item in heard], [(serial, [3]), ("FMBBB", [])])
        # A wrong key of the device comes to nothing, as does a node that does not hear it.
        wrong = self.key("wrong.key", "12")
        for extra in (["--device-key", wrong], ["--device-key", device, "--by", "1"]):
            result = self.run_thicket("enroll", serial, "--as", "14", "--key", network, *extra,
                                      "--timeout", "4", "--wait", "0", code=1)
            self.assertIn(f"no node has enrolled {serial}", result.notes)
        result = self.run_thicket("enroll", serial, "--as", "14", "--key", network, "--device-key", device)
        self.assertEqual(result.output, f"{serial} is node 14\n")
        status = self.wait_for(4, cluster_size=4)
        self.assertEqual((status["node"], status["network"], status["enrolled"], status["enrolment"]),
                         (14, 11, True, "stored"))
        self.assertEqual(status["health"], "good")
        nodes = self.verb("nodes", node=1)
        self.assertEqual(sorted(item["node"] for item in nodes if item["kind"] == "node"), [1, 2, 3, 14])
        # The same again changes nothing, other data are refused if only a new device is meant.
        again = self.verb("enroll", serial, "--as", "14", "--key", network, "--device-key", device)
        self.assertEqual((again[0]["code"], again[0]["done"], again[0]["by"]), (0, True, 14))
        other = self.verb("enroll", serial, "--as", "15", "--key", network, "--only-new", code=1)
        self.assertEqual((other[0]["code"], other[0]["done"]), (16, False))
        # What a configuration file of it says is no longer so.
        file = os.path.join(self.folder, "device.yaml")
        with open(file, "w", encoding="utf-8") as content:
            content.write("node: 4\nnetwork: 0\ndevice_key_file: device.key\n")
        *differences, _ = self.verb("config", "diff", "14", file, code=1)
        self.assertEqual([(item["key"], item["first"], item["second"]) for item in differences], [("network", 11, 0)])
        # And out again.
        self.assertEqual(self.verb("enroll", serial, "--remove")[0]["code"], 0)
        status = self.wait_for(4, network=0)
        self.assertEqual((status["node"], status["enrolled"], status["enrolment"]), (4, False, "stored"))
        self.wait_for(1, cluster_size=3)

    def test_a_device_is_enrolled_in_another_network_than_that_of_its_neighbours(self):
        network, device = self.key("network.key", "22"), self.key("device.key", "11")
        serial = self.status(5)["serial"]
        result = self.run_thicket("enroll", serial, "--as", "1", "--key", network, "--device-key", device,
                                  "--network", "12", "--by", "3")
        self.assertEqual(result.output, f"{serial} is node 1\n")
        self.wait_for(5, network=12)
        status = self.status(5)
        self.assertEqual((status["node"], status["cluster_size"]), (1, 1))


if __name__ == "__main__":
    unittest.main()

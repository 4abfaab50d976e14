#!/usr/bin/env python3
"""Plays the radio between two nodes, each a `thicket sim node --stdio` process, until they are one cluster.

    two_nodes.py THICKET [--seed N] [--limit SECONDS] [--log]

This is an example of the co-simulation port: everything a simulator of one's own has to do is here, in about the least
code. The two nodes stand beside each other: every advertisement is heard by a node that scans, a connect attempt finds its
target at the next advertisement, and what is written over a link arrives one connection interval later.

A node is asked one thing at a time: an event goes in as a JSON line, commands come out, and a line with "done" ends the
answer and tells when the node wants to be woken. What the commands cause waits in a queue ordered by time.

Prints one line of JSON, {"formed":true,"formed_s":...,"cluster":...,"cluster_size":2,"digests":[...]}, and exits 0 if both
nodes advertise the same cluster with two nodes before the limit, else 1.
"""

import argparse
import heapq
import json
import struct
import subprocess
import sys
import tempfile

RSSI_DBM = -60
SUCCESS, UNKNOWN_CONNECTION, KEY_MISSING, CONNECTION_TIMEOUT = 0x00, 0x02, 0x06, 0x08
LOCAL_HOST_TERMINATED, MIC_FAILURE = 0x16, 0x3D
NETWORK_KEY = "22" * 16
MTU_MAX = 63
HANDLES = {"meshValue": 14, "accessReceive": 17, "accessTransmit": 19, "accessConfiguration": 20}


class Node:
    """One process, and what its radio was told."""

    def __init__(self, thicket, number, folder, seed, log):
        self.number = number
        self.address = "c0:00:00:00:00:%02x" % number
        self.log = log
        path = "%s/node-%d.yaml" % (folder, number)
        with open(path, "w", encoding="ascii") as file:
            file.write('node: %d\nnetwork: 11\nkey: "%s"\n' % (number, NETWORK_KEY))
        command = [thicket, "sim", "node", "--stdio", "--config", path, "--seed", str(2 * seed + number)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.advertising = None  # {"data", "connectable", "interval_us"}
        self.advertised_at = 0
        self.scanning = False
        self.attempt = None  # {"at_us", "token", "address", "timeout_us"}
        self.links = {}  # own link number: peer's link number
        self.last_link = 0
        self.deadline = None
        self.digest = None
        self.join_me = None  # (cluster, size) as last advertised

    def ask(self, event):
        """Hands an event to the node; returns its commands."""
        line = json.dumps(event)
        if self.log:
            print("> %d %s" % (self.number, line), file=sys.stderr)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        commands = []
        for text in self.process.stdout:
            if self.log:
                print("< %d %s" % (self.number, text.rstrip()), file=sys.stderr)
            answer = json.loads(text)
            if answer.get("kind") == "error":
                raise RuntimeError("node %d: %s" % (self.number, answer["text"]))
            if "done" in answer:
                self.deadline, self.digest = answer["deadline_us"], answer["digest"]
                return commands
            if "command" in answer:
                commands.append(answer)
        raise RuntimeError("node %d ended" % self.number)

    def finish(self):
        """Ends the input; the node must have found all of it good."""
        self.process.stdin.close()
        code = self.process.wait(timeout=10)
        if code != 0:
            raise RuntimeError("node %d: exit code %d" % (self.number, code))


class Air:
    """Two nodes and everything that is on its way between them, in virtual time."""

    INTERVAL_US = 15_000

    def __init__(self, nodes):
        self.nodes = nodes
        self.now = 0
        self.queue = []
        self.sequence = 0

    def peer(self, node):
        return self.nodes[2 - node.number]

    def later(self, delay_us, node, event, **arguments):
        """Lets an event reach a node; things due at the same time keep their order."""
        self.sequence += 1
        heapq.heappush(self.queue, (self.now + delay_us, self.sequence, node.number, event, arguments))

    def run(self, limit_us):
        """Runs until both are one cluster; returns the time in microseconds, or None."""
        for node in self.nodes:
            self.tell(node, "ready", address=node.address, address_type="random", handles=HANDLES)
        while not self.is_one_cluster():
            self.now = min(self.next_times())
            if self.now > limit_us:
                return None
            self.step()
        return self.now

    def next_times(self):
        if self.queue:
            yield self.queue[0][0]
        for node in self.nodes:
            if node.deadline is not None:
                yield max(node.deadline, self.now)
            if node.attempt:
                yield node.attempt["at_us"] + node.attempt["timeout_us"]
            if node.advertising:
                yield node.advertised_at + node.advertising["interval_us"]

    def step(self):
        """Everything that is due now."""
        while self.queue and self.queue[0][0] <= self.now:
            _, _, number, event, arguments = heapq.heappop(self.queue)
            node = self.nodes[number - 1]
            # What was on its way over a link that is gone is lost.
            if "link" not in arguments or arguments["link"] in node.links or event == "disconnected":
                self.tell(node, event, **arguments)
        for node in self.nodes:
            if node.deadline is not None and node.deadline <= self.now:
                self.tell(node, "wake")
            if node.attempt and node.attempt["at_us"] + node.attempt["timeout_us"] <= self.now:
                self.give_up(node, CONNECTION_TIMEOUT)
            if node.advertising and node.advertised_at + node.advertising["interval_us"] <= self.now:
                node.advertised_at = self.now
                self.advertise(node)

    def tell(self, node, event, **arguments):
        for command in node.ask({"at_us": self.now, "event": event, **arguments}):
            self.carry_out(node, command)

    def advertise(self, node):
        """One advertising event: whoever waits for it connects, whoever scans hears it."""
        peer, advertising = self.peer(node), node.advertising
        attempt = peer.attempt
        if attempt and attempt["address"] == node.address and advertising["connectable"]:
            peer.attempt = node.advertising = None
            self.connect(peer, node, attempt["token"])
        elif peer.scanning and not attempt:
            self.tell(peer, "advertisement", address=node.address, address_type="random", rssi_dbm=RSSI_DBM,
                      connectable=advertising["connectable"], data=advertising["data"])

    def connect(self, central, peripheral, token):
        for node in (central, peripheral):
            node.last_link += 1
        central.links[central.last_link] = peripheral.last_link
        peripheral.links[peripheral.last_link] = central.last_link
        for node, role, echoed in ((peripheral, "peripheral", 0), (central, "central", token)):
            self.later(0, node, "connected", token=echoed, link=node.last_link, role=role,
                       address=self.peer(node).address, address_type="random")
            self.later(0, node, "linkRSSI", link=node.last_link, rssi_dbm=RSSI_DBM)

    def give_up(self, node, reason):
        if node.attempt:
            self.later(0, node, "connectFailed", token=node.attempt["token"], reason=reason)
            node.attempt = None

    def carry_out(self, node, command):
        """Does what a node asks of its radio."""
        name, peer, link = command["command"], self.peer(node), command.get("link")
        if link is not None and link not in node.links:
            return
        other = node.links.get(link)
        if name == "advertise":
            node.advertising = command
            node.join_me = read_join_me(command["data"]) or node.join_me
        elif name == "stopAdvertising":
            node.advertising = None
        elif name == "scan":
            node.scanning = True
        elif name == "stopScan":
            node.scanning = False
        elif name == "connect":
            node.attempt = command
        elif name == "cancelConnect":
            self.give_up(node, UNKNOWN_CONNECTION)
        elif name == "encrypt":
            node.wanted_key = command["key"]
            self.later(self.INTERVAL_US, peer, "keyRequested", link=other)
        elif name == "answerKey":
            self.encrypt(peer, node, other, link, command["key"])
        elif name == "exchangeMTU":
            value = min(command["mtu"], MTU_MAX)
            self.later(self.INTERVAL_US, node, "mtu", link=link, value=value)
            self.later(self.INTERVAL_US, peer, "mtu", link=other, value=value)
        elif name == "discover":
            self.later(1_000_000, node, "discovered", link=link, service=command["service"], handles=HANDLES)
        elif name == "write":
            arguments = {key: command[key] for key in ("handle", "bytes", "kind")}
            self.later(self.INTERVAL_US, peer, "written", link=other, **arguments)
            if command["kind"] == "request":
                self.later(self.INTERVAL_US, node, "writeConfirmed", link=link)
            else:
                self.later(self.INTERVAL_US, node, "sent", link=link, count=1)
        elif name == "notify":
            self.later(self.INTERVAL_US, peer, "notified", link=other, handle=command["handle"],
                       bytes=command["bytes"])
            self.later(self.INTERVAL_US, node, "sent", link=link, count=1)
        elif name == "updateParameters":
            for end, number in ((node, link), (peer, other)):
                self.later(self.INTERVAL_US, end, "parametersChanged", link=number, parameters=command["parameters"])
        elif name == "disconnect":
            self.close(node, link, LOCAL_HOST_TERMINATED, command["reason"])
        elif name != "setDataLength":
            raise RuntimeError("unknown command %s" % name)

    def encrypt(self, central, peripheral, link, peripheral_link, key):
        """Both keys are known: equal ones encrypt the link, none leaves it open, a wrong one ends it."""
        if key is None:
            self.later(self.INTERVAL_US, central, "encrypted", link=link, status=KEY_MISSING)
        elif key != central.wanted_key:
            self.close(central, link, MIC_FAILURE, MIC_FAILURE)
        else:
            for node, number in ((central, link), (peripheral, peripheral_link)):
                self.later(self.INTERVAL_US, node, "encrypted", link=number, status=SUCCESS)

    def close(self, node, link, local, remote):
        other = node.links.pop(link)
        del self.peer(node).links[other]
        self.later(0, node, "disconnected", link=link, reason=local)
        self.later(0, self.peer(node), "disconnected", link=other, reason=remote)

    def is_one_cluster(self):
        first, second = (node.join_me for node in self.nodes)
        return first is not None and first == second and first[1] == len(self.nodes)


def read_join_me(data):
    """Cluster and cluster size of a JOIN_ME advertisement; None for any other."""
    packet = bytes.fromhex(data)
    if len(packet) != 31 or packet[5:8] != b"\x4d\x02\xf0" or packet[10] != 1:
        return None
    return struct.unpack_from("<Ih", packet, 13)


def main():
    parser = argparse.ArgumentParser(description="Let two nodes form a cluster over the co-simulation port.")
    parser.add_argument("thicket", help="the thicket executable")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=120, help="simulated seconds (default: 120)")
    parser.add_argument("--log", action="store_true", help="show every line on standard error")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        nodes = [Node(options.thicket, number, folder, options.seed, options.log) for number in (1, 2)]
        try:
            formed_us = Air(nodes).run(options.limit * 1e6)
            for node in nodes:
                node.finish()
        except (RuntimeError, BrokenPipeError) as error:
            print("error: %s" % error, file=sys.stderr)
            return 1
        finally:
            for node in nodes:
                node.process.kill()
    cluster, size = nodes[0].join_me or (None, None)
    formed_s = None if formed_us is None else formed_us / 1e6
    print(json.dumps({"formed": formed_us is not None, "formed_s": formed_s, "cluster": cluster,
                      "cluster_size": size, "digests": [node.digest for node in nodes]}))
    return 0 if formed_us is not None else 1


if __name__ == "__main__":
    sys.exit(main())

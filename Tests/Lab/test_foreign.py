"""A foreign peer, which knows nothing of our code, against the daemon: it sends what real firmware sent, byte for byte, from
recordings, and compares what it gets.
"""
import json
import os
import struct
import tempfile
import time
import unittest

import access
import lab
import le_host

VECTORS = os.environ.get("THICKET_VECTORS") or os.path.join(lab.HERE, "..", "Golden")
# A static random address that no other controller here has.
ADDRESS = 0xC0_46_4F_52_45_49
WELCOME, ACK_1, ACK_2 = 0x14, 0x15, 0x16


def recordings(name):
    with open(os.path.join(VECTORS, name + ".json")) as file:
        return json.load(file)["cases"]


def sent(case, node):
    """What one node wrote in a recording: bytes, and whether as request."""
    return [(bytes.fromhex(p["hex"]), p["att_operation"] == "WRITE_REQ") for p in case["packets"] if p["from"] == node]


class ForeignTest(unittest.TestCase):
    """One daemon, and one foreign host on the same air."""

    def begin(self, identifier, key):
        folder = tempfile.mkdtemp(prefix="thicket-lab-")
        air = lab.BumbleAir(folder, 2)
        self.addCleanup(air.stop)
        node = lab.Node(folder, air, 0, key, identifier)
        self.addCleanup(node.kill)
        node.start()
        host = le_host.Host(air.radio(1).removeprefix("h4:unix:"), bytes.fromhex(key), ADDRESS)
        self.addCleanup(host.close)
        return node, host


class ForeignCentral(ForeignTest):
    def play(self, case):
        central, peripheral = case["central"]["nodeId"], case["peripheral"]["nodeId"]
        node, host = self.begin(peripheral, case["networkKey"])
        handle = lab.connect(host, peripheral)
        host.encrypt()
        self.assertEqual(host.exchange_mtu(), 63)
        welcome, acknowledgement = [p for p in sent(case, central) if p[0][0] in (WELCOME, ACK_2)][:2]
        expected = next(p for p in sent(case, peripheral) if p[0][0] == ACK_1)
        writes = [w for w in host.write(handle, *welcome) if w]
        answer = writes[0] if writes else host.written()
        own_handle = struct.unpack_from("<H", welcome[0], 11)[0]
        self.assertEqual(answer, (own_handle, *expected))
        host.write(handle, *acknowledgement)
        cluster, size = struct.unpack_from("<IH", acknowledgement[0], 5)
        lab.wait_for(lambda: f"the daemon to join, but {node.status()}",
                     lambda: (node.status()["cluster"], node.status()["cluster_size"]) == (cluster, size), 5)
        self.assertEqual(node.partners(), [central])
        return node, host, handle

    def test_daemon_joins_as_recorded(self):
        for case in recordings("mesh_handshake")[:4]:
            with self.subTest(central=case["central"]["nodeId"], peripheral=case["peripheral"]["nodeId"]):
                self.play(case)
                self.doCleanups()

    def test_wrong_key_ends_the_link(self):
        case = recordings("mesh_handshake")[0]
        node, host = self.begin(case["peripheral"]["nodeId"], case["networkKey"])
        host.key = bytes(16)
        lab.connect(host, case["peripheral"]["nodeId"])
        with self.assertRaises(le_host.Gone) as caught:
            host.encrypt()
        self.assertEqual(caught.exception.reason, 0x3D)
        self.assertEqual(node.status()["cluster_size"], 1)

    def test_welcome_in_clear_ends_the_link(self):
        case = recordings("mesh_handshake")[0]
        node, host = self.begin(case["peripheral"]["nodeId"], case["networkKey"])
        handle = lab.connect(host, case["peripheral"]["nodeId"])
        host.write(handle, sent(case, case["central"]["nodeId"])[0][0], request=False)
        self.assertEqual(host.await_end(5), 0x13)
        self.assertEqual(node.status()["cluster_size"], 1)

    def test_lost_link_returns_as_recorded(self):
        case = recordings("mesh_reconnect")[0]
        central, peripheral = case["central"]["nodeId"], case["peripheral"]["nodeId"]
        # A handshake of other nodes, with the ids of these two.
        joined = json.loads(json.dumps(recordings("mesh_handshake")[0]))
        for packet in joined["packets"]:
            message = bytearray.fromhex(packet["hex"])
            packet["from"] = {joined["central"]["nodeId"]: central, joined["peripheral"]["nodeId"]: peripheral}[packet["from"]]
            struct.pack_into("<H", message, 1, packet["from"])
            if message[0] in (ACK_1, ACK_2):
                struct.pack_into("<H", message, 3, central if message[0] == ACK_1 else peripheral)
            packet["hex"] = message.hex()
        joined["central"]["nodeId"], joined["peripheral"]["nodeId"] = central, peripheral
        node, host, handle = self.play(joined)
        before = node.status()
        # A younger link is not worth a reconnection.
        time.sleep(11)
        node.air.do("drop", a=0, b=1)
        host.await_end(5)
        lab.connect(host, peripheral)
        host.encrypt()
        host.exchange_mtu()
        host.write(handle, *sent(case, central)[0])
        self.assertEqual(host.written(), (1, *sent(case, peripheral)[0]))
        lab.wait_for("the link to be back", lambda: node.partners() == [central], 5)
        after = node.status()
        self.assertEqual((after["cluster"], after["cluster_size"]), (before["cluster"], before["cluster_size"]))


class ForeignPeripheral(ForeignTest):
    def test_daemon_takes_the_peer_in(self):
        # Without a sink, as the daemon is.
        cases = [case for case in recordings("mesh_handshake") if case["packets"][0]["decoded"]["hopsToSink"] == -1]
        for case in cases[:4]:
            central, peripheral = case["central"]["nodeId"], case["peripheral"]["nodeId"]
            with self.subTest(central=central, peripheral=peripheral):
                node, host = self.begin(central, case["networkKey"])
                handle = 1
                # JOIN_ME of a lone node: only sender, cluster and handle are its own.
                alone = next(bytes.fromhex(c["hex"]) for c in recordings("join_me_advertising")
                             if c["decoded"]["clusterSize"] == 1 and c["decoded"]["freeMeshInConnections"] == 2)
                join_me = bytearray(alone)
                struct.pack_into("<HI", join_me, 11, peripheral, 0x0815_0000 | peripheral)
                struct.pack_into("<H", join_me, 25, handle)
                host.advertise(bytes(join_me))
                host.await_link(10)
                host.await_encryption()
                target, welcome, is_request = host.written()
                recorded = next(p[0] for p in sent(case, central) if p[0][0] == WELCOME)
                status = node.status()
                # As recorded but for the cluster, its size and the handle, which are the daemon's own.
                expected = bytearray(recorded)
                struct.pack_into("<IH", expected, 5, status["cluster"], 1)
                struct.pack_into("<H", expected, 11, 14)
                self.assertEqual((target, welcome, is_request), (handle, bytes(expected), True))
                host.write(14, *next(p for p in sent(case, peripheral) if p[0][0] == ACK_1))
                target, acknowledgement, is_request = host.written()
                recorded = next(p[0] for p in sent(case, central) if p[0][0] == ACK_2)
                expected = bytearray(recorded)
                struct.pack_into("<IH", expected, 5, status["cluster"], 2)
                self.assertEqual((target, acknowledgement, is_request), (handle, bytes(expected), True))
                lab.wait_for("a cluster of two", lambda: node.status()["cluster_size"] == 2, 5)
                self.doCleanups()


class ForeignAccess(ForeignTest):
    """MeshAccess: the daemon against a second implementation, and that against recordings."""

    def test_what_the_foreign_central_seals_is_as_recorded(self):
        for case in recordings("access_encryption_handshake"):
            central = case["central"]
            clear = [p for p in case["events"] if p["event"] == "packet" and "decoded" in p and not p["encrypted"]]
            a_nonce = next(bytes.fromhex(p["hex"])[5:] for p in clear if p["decoded"]["name"].endswith("ANONCE"))
            sealed = [p for p in case["events"] if p["event"] == "packet" and p["encrypted"]]
            s_nonce = bytes.fromhex(sealed[0]["plaintext"])[5:]
            key = next(e["longTermKey"] for e in case["events"] if e["event"] == "session_key_derived")
            ends = {central: access.Direction(bytes.fromhex(key), central, a_nonce),
                    case["peripheral"]: access.Direction(bytes.fromhex(key), central, s_nonce)}
            for packet in sealed:
                self.assertEqual(ends[packet["from"]].seal(bytes.fromhex(packet["plaintext"])).hex(), packet["hex"])

    def test_a_foreign_central_exchanges_keys_and_messages(self):
        node, host = self.begin(1, lab.KEY)
        lab.connect(host, 1)
        guest = access.Central(host, 77, bytes.fromhex(lab.KEY))
        guest.discover()
        guest.subscribe()
        guest.handshake()
        self.assertEqual(guest.partner, 1)
        # GET_DEVICE_INFO_V2 (protocol 10.1), whose answer comes in several pieces.
        answer = guest.ask(struct.pack("<BHHBBB", 0x33, 77, 1, 3, 0, 10), 0x34)
        self.assertEqual(answer[:8], struct.pack("<BHHBBB", 0x34, 1, 77, 3, 0, 10))
        self.assertGreater(len(answer), 40)
        self.assertEqual([link["purpose"] for link in node.ask("links")], ["access"])

#!/usr/bin/env python3
"""Virtual LE controllers on one air: Bumble's Controller with its gaps closed.

  air.py FOLDER --controllers N [--topology 0-1,1-2] [--loss P] [--acl BYTES]

Controller I speaks H4 to whoever connects to the UNIX socket FOLDER/I; a new client takes it over. It prints `ready`.
FOLDER/control takes JSON lines and answers each with one:

  {"do": "freeze", "index": I}       no answer, no event, nothing on air until thawed; links end by supervision time-out
  {"do": "thaw", "index": I}
  {"do": "drop", "a": I, "b": J}     supervision time-out, at once, at both ends of their links
  {"do": "topology", "edges": [[I, J], ...] or null}    who hears whom; null: everybody; other links time out
  {"do": "loss", "probability": P}   of each advertisement at each receiver
  {"do": "state"}                    links, and what went over each pair: ACL payloads, and ATT writes among them

What Bumble 0.0.236 does and this does not:
  * data on links between public addresses is dropped
  * a cancelled connect attempt stays pending and gets no Connection Complete
  * advertising intervals are taken for milliseconds, without the random delay of up to 10 ms
  * only ADV_IND is heard, scan responses repeat the advertising data, duplicates are never filtered
  * LL privacy and extended advertising are claimed, but not what comes with them
  * a peripheral is told an interval of 10 and a time-out of 100 ms whatever the central chose
  * HCI Reset leaves advertising, scanning and links; a host that is gone stays on air
  * packets to the host are not fragmented
  * Read RSSI and Set Data Length are answered with a bare status, which is malformed
"""
import argparse
import asyncio
import collections
import json
import os
import random

from bumble import hci, link, ll
from bumble.controller import Connection, Controller, LegacyAdvertiser
from bumble.core import PhysicalTransport
from bumble.transport.common import StreamPacketSource

Error = hci.HCI_ErrorCode
Report = hci.HCI_LE_Advertising_Report_Event
Kind = Report.EventType
# Advertising type of HCI: what is reported, and whether it answers a scan request.
KINDS = {0: (Kind.ADV_IND, True), 2: (Kind.ADV_SCAN_IND, True), 3: (Kind.ADV_NONCONN_IND, False)}
WRITES = (0x12, 0x52)


def pair(a, b):
    return (min(a, b), max(a, b))


class Advertiser(LegacyAdvertiser):
    def _on_timer_fired(self):
        self.send_advertising_data()
        delay = self.advertising_interval_min * 0.000625 + random.random() * 0.010
        self.timer_handle = asyncio.get_running_loop().call_later(delay, self._on_timer_fired)

    def send_advertising_data(self):
        if self.enabled and self.advertising_type in KINDS:
            self.controller.link.advertise(self.controller, self)


class Air(link.LocalLink):
    def __init__(self, loss, edges):
        super().__init__()
        self.loss, self.edges = loss, edges
        self.frozen = set()
        self.traffic = collections.defaultdict(lambda: {"payloads": 0, "writes": 0})

    def find_le_controller(self, address):
        return next((c for c in self.controllers if address in (c.public_address, c.random_address)), None)

    def are_near(self, a, b):
        if a in self.frozen or b in self.frozen:
            return False
        return self.edges is None or pair(a, b) in self.edges

    def advertise(self, sender, advertiser):
        for c in self.controllers:
            if c is not sender and self.are_near(sender.index, c.index) and random.random() >= self.loss:
                asyncio.get_running_loop().call_soon(
                    c.heard, sender, advertiser.advertising_type, advertiser.address,
                    bytes(advertiser.advertising_data), bytes(advertiser.scan_response_data))

    def send_acl_data(self, sender, destination, transport, data):
        receiver = self.find_le_controller(destination)
        connection = sender.le_connections.get(destination)
        if not receiver or not connection or not self.are_near(sender.index, receiver.index):
            return
        counts = self.traffic[pair(sender.index, receiver.index)]
        counts["payloads"] += 1
        counts["writes"] += len(data) > 4 and data[2:4] == b"\4\0" and data[4] in WRITES
        asyncio.get_running_loop().call_soon(receiver.on_link_acl_data, connection.self_address, transport, data)

    def send_ll_control_pdu(self, sender_address, receiver_address, packet):
        sender, receiver = self.find_le_controller(sender_address), self.find_le_controller(receiver_address)
        # What is sent out of earshot is lost; losing the link is noticed by its time-out.
        if sender and receiver and self.are_near(sender.index, receiver.index):
            asyncio.get_running_loop().call_soon(receiver.on_ll_control_pdu, sender_address, packet)

    def is_alive(self, controller, connection):
        peer = self.find_le_controller(connection.peer_address)
        # A peer that was reset while it was out of earshot does not know the link.
        return bool(peer) and self.are_near(controller.index, peer.index) \
            and connection.self_address in peer.le_connections

    def watch(self):
        """Starts the supervision time-out of each link whose ends no longer hear each other."""
        for c in self.controllers:
            for connection in list(c.le_connections.values()):
                if not self.is_alive(c, connection):
                    asyncio.get_running_loop().call_later(connection.supervision_s, self.expire, c, connection)

    def expire(self, controller, connection):
        if not self.is_alive(controller, connection):
            controller.lose(connection)

    def links(self):
        ends = {c: c.le_connections.values() for c in self.controllers}
        return sorted({pair(c.index, peer.index) for c in ends for connection in ends[c]
                       if (peer := self.find_le_controller(connection.peer_address))})

    def order(self, order):
        """Carries out one line of the control socket."""
        match order["do"]:
            case "freeze":
                self.frozen.add(int(order["index"]))
                self.watch()
            case "thaw":
                self.frozen.discard(int(order["index"]))
            case "drop":
                wanted = pair(order["a"], order["b"])
                dropped = 0
                for c in self.controllers:
                    for connection in list(c.le_connections.values()):
                        peer = self.find_le_controller(connection.peer_address)
                        if peer and pair(c.index, peer.index) == wanted:
                            c.lose(connection)
                            dropped += 1
                return {"ends": dropped}
            case "topology":
                edges = order["edges"]
                self.edges = None if edges is None else {pair(*edge) for edge in edges}
                self.watch()
            case "loss":
                self.loss = float(order["probability"])
            case "state":
                traffic = [{"a": a, "b": b, **counts} for (a, b), counts in sorted(self.traffic.items())]
                return {"links": self.links(), "frozen": sorted(self.frozen), "traffic": traffic,
                        "controllers": sorted(c.index for c in self.controllers)}
            case other:
                raise ValueError(f"unknown order {other}")
        return {}


class VirtualController(Controller):
    le_features = Controller.le_features & ~(
        hci.LeFeatureMask.LE_EXTENDED_ADVERTISING | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
        | hci.LeFeatureMask.LL_PRIVACY)
    total_num_le_acl_data_packets = 8
    suggested_max_tx_octets = supported_max_tx_octets = supported_max_rx_octets = 251

    def __init__(self, index, air, source, transport, acl):
        self.index, self.transport = index, transport
        self.reported = set()
        self.le_acl_data_packet_length = acl
        address = hci.Address("00:1B:DC:F0:00:%02X" % (index + 1), hci.Address.PUBLIC_DEVICE_ADDRESS)
        super().__init__(f"C{index}", source, self, air, address)
        self.le_legacy_advertiser = Advertiser(self)
        # The base class takes `on_packet` for both directions; ours is the one from the host.
        self.hci_sink = Sink(self)

    # From the host.

    def on_packet(self, packet):
        if self.index not in self.link.frozen:
            super().on_packet(packet)

    def on_hci_reset_command(self, command):
        self.be_quiet()
        return super().on_hci_reset_command(command)

    def on_hci_le_set_scan_enable_command(self, command):
        self.reported.clear()
        return super().on_hci_le_set_scan_enable_command(command)

    def on_hci_le_create_connection_command(self, command):
        if command.peer_address in self.le_connections:
            self._send_hci_command_status(Error.CONNECTION_ALREADY_EXISTS_ERROR, command.op_code)
        else:
            super().on_hci_le_create_connection_command(command)

    def on_hci_le_create_connection_cancel_command(self, command):
        pending, self.pending_le_connection = self.pending_le_connection, None
        if not pending:
            return hci.HCI_StatusReturnParameters(Error.COMMAND_DISALLOWED_ERROR)
        asyncio.get_running_loop().call_soon(
            self.tell_connection, Error.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, 0, 0, pending.peer_address, pending)
        return hci.HCI_StatusReturnParameters(Error.SUCCESS)

    def on_hci_read_rssi_command(self, command):
        known = self.find_le_connection_by_handle(command.handle)
        status = Error.SUCCESS if known else Error.UNKNOWN_CONNECTION_IDENTIFIER_ERROR
        return hci.HCI_Read_RSSI_ReturnParameters(status=status, handle=command.handle, rssi=rssi())

    def on_hci_le_set_data_length_command(self, command):
        connection = self.find_le_connection_by_handle(command.connection_handle)
        status = Error.SUCCESS if connection else Error.UNKNOWN_CONNECTION_IDENTIFIER_ERROR
        if connection:
            octets = max(27, min(command.tx_octets, self.supported_max_tx_octets))
            asyncio.get_running_loop().call_soon(self.send_hci_packet, hci.HCI_LE_Data_Length_Change_Event(
                connection_handle=connection.handle, max_tx_octets=octets, max_tx_time=2120, max_rx_octets=octets,
                max_rx_time=2120))
        return hci.HCI_StatusAndConnectionHandleReturnParameters(
            status=status, connection_handle=command.connection_handle)

    # From the air.

    def heard(self, sender, kind, address, data, response):
        if self.le_scan_enable:
            event, is_scannable = KINDS[kind]
            self.report(event, address, data)
            if self.le_scan_type and is_scannable:
                self.report(Kind.SCAN_RSP, address, response)
        pending = self.pending_le_connection
        if pending and kind == 0 and pending.peer_address == address and sender.le_legacy_advertiser.enabled:
            self.connect(sender, address, pending)

    def report(self, event, address, data):
        key = (bytes(address), address.address_type, event)
        if self.filter_duplicates and key in self.reported:
            return
        self.reported.add(key)
        self.send_hci_packet(Report([Report.Report(
            event_type=event, address_type=address.address_type, address=address, data=data, rssi=rssi())]))

    def connect(self, peer, peer_address, pending):
        is_public = pending.own_address_type == hci.OwnAddressType.PUBLIC
        own_address = self.public_address if is_public else self.random_address
        if peer_address in self.le_connections or own_address in peer.le_connections:
            return
        self.pending_le_connection = None
        peer.le_legacy_advertiser.stop()
        self.add(hci.Role.CENTRAL, own_address, peer_address, pending)
        peer.add(hci.Role.PERIPHERAL, peer_address, own_address, pending)

    def add(self, role, own_address, peer_address, parameters):
        connection = Connection(
            controller=self, handle=self.allocate_connection_handle(), role=role, self_address=own_address,
            peer_address=peer_address, link=self.link, transport=PhysicalTransport.LE,
            link_type=hci.HCI_Connection_Complete_Event.LinkType.ACL)
        connection.supervision_s = parameters.supervision_timeout * 0.01
        self.le_connections[peer_address] = connection
        self.tell_connection(Error.SUCCESS, connection.handle, role, peer_address, parameters)

    def tell_connection(self, status, handle, role, peer_address, parameters):
        self.send_hci_packet(hci.HCI_LE_Connection_Complete_Event(
            status=status, connection_handle=handle, role=role, peer_address_type=peer_address.address_type,
            peer_address=peer_address, connection_interval=parameters.connection_interval_min,
            peripheral_latency=parameters.max_latency, supervision_timeout=parameters.supervision_timeout,
            central_clock_accuracy=0))

    def on_link_acl_data(self, sender_address, transport, data):
        if not (connection := self.le_connections.get(sender_address)):
            return
        for start in range(0, len(data), self.le_acl_data_packet_length):
            piece = data[start:start + self.le_acl_data_packet_length]
            self.send_hci_packet(hci.HCI_AclDataPacket(connection.handle, 1 if start else 2, 0, len(piece), piece))

    # Ends.

    def lose(self, connection):
        if self.le_connections.get(connection.peer_address) is connection:
            self.on_le_disconnected(connection, Error.CONNECTION_TIMEOUT_ERROR)

    def be_quiet(self):
        """What a reset does. Peers in earshot are told at once, to save the tests their time-outs."""
        self.le_legacy_advertiser.stop()
        self.le_scan_enable = False
        self.pending_le_connection = None
        for connection in list(self.le_connections.values()):
            connection.send_ll_control_pdu(ll.TerminateInd(Error.CONNECTION_TIMEOUT_ERROR))
        self.le_connections.clear()

    def leave(self):
        if self in self.link.controllers:
            self.be_quiet()
            self.link.remove_controller(self)
            self.transport.abort()


class Sink:
    """What the host gets."""

    def __init__(self, controller):
        self.controller = controller

    def on_packet(self, packet):
        if self.controller.index not in self.controller.link.frozen and not self.controller.transport.is_closing():
            self.controller.transport.write(packet)


class Client(asyncio.Protocol):
    def __init__(self, air, index, acl):
        self.air, self.index, self.acl = air, index, acl

    def connection_made(self, transport):
        for c in list(self.air.controllers):
            if c.index == self.index:
                c.leave()
        self.source = StreamPacketSource()
        self.controller = VirtualController(self.index, self.air, self.source, transport, self.acl)

    def data_received(self, data):
        self.source.data_received(data)

    def connection_lost(self, error):
        self.controller.leave()


def rssi():
    return max(-95, min(-35, round(random.gauss(-60, 3))))


async def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder")
    arguments.add_argument("--controllers", type=int, required=True)
    arguments.add_argument("--topology", help="who hears whom, such as 0-1,1-2; everybody if left out")
    arguments.add_argument("--loss", type=float, default=0, help="probability that an advertisement is not heard")
    arguments.add_argument("--acl", type=int, default=251, help="bytes of an ACL packet")
    options = arguments.parse_args()
    edges = None
    if options.topology:
        edges = {pair(*map(int, edge.split("-"))) for edge in options.topology.split(",")}
    air = Air(options.loss, edges)

    async def serve(reader, writer):
        while line := await reader.readline():
            try:
                answer = {"ok": True, **air.order(json.loads(line))}
            except (ValueError, KeyError, TypeError) as error:
                answer = {"ok": False, "error": repr(error)}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    loop = asyncio.get_running_loop()
    servers = [await asyncio.start_unix_server(serve, os.path.join(options.folder, "control"))]
    for index in range(options.controllers):
        servers.append(await loop.create_unix_server(
            lambda index=index: Client(air, index, options.acl), os.path.join(options.folder, str(index))))
    print("ready", flush=True)
    await loop.create_future()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass

"""A small LE host over H4 that plays a foreign peer: it advertises, connects, encrypts with a given key and exchanges ATT
packets, byte for byte as it is told. It knows nothing of the mesh.
"""
import collections
import select
import socket
import struct
import time


class Gone(Exception):
    """The link ended; the reason is in `reason`."""

    def __init__(self, reason):
        super().__init__(f"link ended with 0x{reason:02x}")
        self.reason = reason


class Host:
    def __init__(self, path, key, address):
        """A host on the controller behind a UNIX socket; `address` is its static random address as a number."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.key, self.address = key, address
        self.bytes = b""
        self.link = None
        self.role = None
        self.ended = None
        self.partial = b""
        self.encrypted = False
        self.attributes = collections.deque()
        self.notifications = collections.deque()
        self.heard = []
        self.answers = {}
        self.command(0x0C03)
        self.command(0x0C01, (0x2000_8000_0200_8090).to_bytes(8, "little"))
        self.command(0x2001, (0x7F).to_bytes(8, "little"))
        self.command(0x2005, address.to_bytes(6, "little"))

    def close(self):
        self.socket.close()

    # Controller

    def command(self, opcode, parameters=b"", timeout=3):
        self.answers.pop(opcode, None)
        self.socket.sendall(struct.pack("<BHB", 1, opcode, len(parameters)) + parameters)
        self.until(lambda: opcode in self.answers, timeout, f"answer to command 0x{opcode:04x}")
        return self.answers[opcode]

    def until(self, condition, timeout, what):
        limit = time.monotonic() + timeout
        while not condition():
            left = limit - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no {what} within {timeout} s")
            if select.select([self.socket], [], [], left)[0]:
                if not (more := self.socket.recv(4096)):
                    raise ConnectionError("the controller is gone")
                self.bytes += more
                self._packets()

    def _packets(self):
        while len(self.bytes) >= 3:
            header = {4: 3, 2: 5}[self.bytes[0]]
            if len(self.bytes) < header:
                return
            length = self.bytes[2] if self.bytes[0] == 4 else struct.unpack_from("<H", self.bytes, 3)[0]
            if len(self.bytes) < header + length:
                return
            packet, self.bytes = self.bytes[: header + length], self.bytes[header + length :]
            if packet[0] == 4:
                self._event(packet[1], packet[3:])
            else:
                self._data(struct.unpack_from("<H", packet, 1)[0] >> 12 & 3, packet[5:])

    def _event(self, code, body):
        if code == 0x0E:
            self.answers[struct.unpack_from("<H", body, 1)[0]] = body[3:]
        elif code == 0x0F:
            self.answers[struct.unpack_from("<H", body, 2)[0]] = body[:1]
        elif code == 0x05 and struct.unpack_from("<H", body, 1)[0] == self.link:
            self.link, self.ended, self.encrypted = None, body[3], False
        elif code == 0x08:
            self.encrypted = body[0] == 0 and body[3] == 1
        elif code == 0x3E and body[0] in (0x01, 0x0A) and body[1] == 0:
            self.link, self.role = struct.unpack_from("<HB", body, 2)
            self.ended, self.partial = None, b""
            self.attributes.clear()
            self.notifications.clear()
        elif code == 0x3E and body[0] == 0x02:
            size = body[10]
            self.heard.append((body[2], body[3], int.from_bytes(body[4:10], "little"), body[11 : 11 + size]))
        elif code == 0x3E and body[0] == 0x05:
            # Long Term Key Request: sent without waiting, the answer is not looked at.
            self.socket.sendall(struct.pack("<BHBH", 1, 0x201A, 18, struct.unpack_from("<H", body, 1)[0]) + self.key)

    def _data(self, boundary, body):
        self.partial = self.partial + body if boundary == 1 else body
        if len(self.partial) >= 4 and len(self.partial) >= 4 + struct.unpack_from("<H", self.partial)[0]:
            size, channel = struct.unpack_from("<HH", self.partial)
            if channel == 4:
                self.attributes.append(self.partial[4 : 4 + size])

    # Link

    def advertise(self, data):
        parameters = struct.pack("<HHBBB6sBB", 160, 160, 0, 1, 0, bytes(6), 7, 0)
        assert self.command(0x2006, parameters)[0] == 0
        self.command(0x2008, bytes([len(data)]) + data.ljust(31, b"\0"))
        assert self.command(0x200A, b"\1")[0] == 0

    def hear(self, condition, timeout=10):
        """Scans until an advertisement meets the condition; returns the kind of its address, the address and its data."""
        self.command(0x200B, struct.pack("<BHHBB", 0, 48, 48, 1, 0))
        self.command(0x200C, b"\1\0")
        found = lambda: [report for report in self.heard if condition(report[3])]
        self.until(found, timeout, "advertisement")
        self.command(0x200C, b"\0\0")
        return found()[-1][1:]

    def connect(self, kind, address, timeout=5):
        parameters = struct.pack("<HHBB6sBHHHHHH", 48, 48, 0, kind, address.to_bytes(6, "little"), 1, 12, 12, 0, 100, 0, 0)
        assert self.command(0x200D, parameters)[0] == 0
        self.until(lambda: self.link is not None, timeout, "link")

    def disconnect(self, timeout=5):
        self.command(0x0406, struct.pack("<HB", self.link, 0x13))
        self.await_end(timeout)

    def encrypt(self, timeout=3):
        self.command(0x2019, struct.pack("<HQH", self.link, 0, 0) + self.key)
        self.until(lambda: self.encrypted or self.ended is not None, timeout, "encryption")
        if self.ended is not None:
            raise Gone(self.ended)

    def await_link(self, timeout):
        self.until(lambda: self.link is not None, timeout, "link")

    def await_encryption(self, timeout=3):
        self.until(lambda: self.encrypted, timeout, "encryption")

    def await_end(self, timeout):
        self.until(lambda: self.ended is not None, timeout, "end of the link")
        return self.ended

    # Attributes

    def send(self, attribute_packet):
        packet = struct.pack("<HH", len(attribute_packet), 4) + attribute_packet
        for offset in range(0, len(packet), 27):
            piece = packet[offset : offset + 27]
            self.socket.sendall(struct.pack("<BHH", 2, self.link | (0x1000 if offset else 0), len(piece)) + piece)

    def receive(self, timeout=3):
        self.until(lambda: self.attributes or self.ended is not None, timeout, "ATT packet")
        if not self.attributes:
            raise Gone(self.ended)
        return self.attributes.popleft()

    def exchange_mtu(self, mtu=63):
        self.send(struct.pack("<BH", 0x02, mtu))
        answer = self.receive()
        assert answer[0] == 0x03, answer.hex()
        return struct.unpack_from("<H", answer, 1)[0]

    def write(self, handle, value, request=True, timeout=3):
        """Writes; answers what the peer asks meanwhile, and returns what it wrote until the answer came."""
        self.send(struct.pack("<BH", 0x12 if request else 0x52, handle) + value)
        writes = []
        while request:
            packet = self.receive(timeout)
            if packet[0] == 0x13:
                break
            writes.append(self._served(packet))
        return writes

    def written(self, timeout=3):
        """The next write of the peer: handle, value and whether it was a request."""
        while True:
            if (write := self._served(self.receive(timeout))) is not None:
                return write

    def ask(self, request, timeout=3):
        """The answer to a request, None if it is that there is no such attribute; answers what the peer asks meanwhile."""
        self.send(request)
        while True:
            packet = self.receive(timeout)
            if packet[0] == request[0] + 1:
                return packet
            if packet[:2] == bytes([0x01, request[0]]):
                assert packet[4] == 0x0A, packet.hex()
                return None
            self._served(packet)

    def find_service(self, uuid):
        """First and last handle of the primary service with a UUID of 16 bytes, least significant first."""
        answer = self.ask(struct.pack("<BHHH", 0x06, 1, 0xFFFF, 0x2800) + uuid)
        assert answer, "no such service"
        return struct.unpack_from("<HH", answer, 1)

    def find_characteristics(self, first, last):
        """Handles of the values of a service by the UUID."""
        found = {}
        while first <= last and (answer := self.ask(struct.pack("<BHHH", 0x08, first, last, 0x2803))):
            size = answer[1]
            for offset in range(2, len(answer), size):
                declaration, _, value = struct.unpack_from("<HBH", answer, offset)
                found[answer[offset + 5 : offset + size]] = value
                first = declaration + 1
        return found

    def find_descriptor(self, first, last, uuid):
        """The handle of the descriptor with a UUID of 16 bits."""
        while first <= last:
            answer = self.ask(struct.pack("<BHH", 0x04, first, last))
            assert answer, f"no descriptor 0x{uuid:04x}"
            size = {1: 4, 2: 18}[answer[1]]
            for offset in range(2, len(answer), size):
                first = struct.unpack_from("<H", answer, offset)[0]
                if answer[offset + 2 : offset + size] == struct.pack("<H", uuid):
                    return first
            first += 1
        raise AssertionError(f"no descriptor 0x{uuid:04x}")

    def notified(self, timeout=3):
        """The next notification: handle and value."""
        while not self.notifications:
            self._served(self.receive(timeout))
        return self.notifications.popleft()

    def _served(self, packet):
        """Answers a request as a server would whose only attribute may be written. Keeps notifications."""
        if packet[0] == 0x1B:
            self.notifications.append((struct.unpack_from("<H", packet, 1)[0], packet[3:]))
            return None
        if packet[0] in (0x12, 0x52):
            if packet[0] == 0x12:
                self.send(b"\x13")
            return struct.unpack_from("<H", packet, 1)[0], packet[3:], packet[0] == 0x12
        if packet[0] == 0x02:
            self.send(struct.pack("<BH", 0x03, 63))
        elif packet[0] & 1 == 0 and not packet[0] & 0x40:
            # Anything else that is a request: attribute not found.
            self.send(struct.pack("<BBHB", 0x01, packet[0], 0, 0x0A))
        return None

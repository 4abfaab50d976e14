"""MeshAccess as its central sees it: packets sealed with AES-128, and the handshake, which le_host.Host carries.

Written from the protocol alone (6.3 to 6.5), so that it shares no fault with the daemon.
"""
import os
import struct

import le_host

SERVICE, RECEIVE, TRANSMIT = (
    bytes.fromhex(f"0000000{n}ACCE423C93FD0C07A0051858")[::-1] for n in (1, 2, 3))
START, A_NONCE, S_NONCE, DONE = 25, 26, 27, 28
NETWORK_KEY, PEER_TO_PEER = 2, 0
ON = b"\1\0"


def _double(byte):
    return byte << 1 ^ (0x11B if byte & 0x80 else 0)


def _substitutions():
    table, p, q = [0] * 256, 1, 1
    while True:
        p ^= _double(p)
        for shift in (1, 2, 4):
            q ^= q << shift & 0xFF
        q ^= 0x09 if q & 0x80 else 0
        turned = q
        for shift in (1, 2, 3, 4):
            turned ^= (q << shift | q >> 8 - shift) & 0xFF
        table[p] = turned ^ 0x63
        if p == 1:
            table[0] = 0x63
            return table


SUBSTITUTE = _substitutions()


def aes(key, block):
    """One block of 16 bytes, encrypted (FIPS 197)."""
    words, round_constant = [list(key[i : i + 4]) for i in range(0, 16, 4)], 1
    while len(words) < 44:
        word = words[-1]
        if len(words) % 4 == 0:
            word = [SUBSTITUTE[byte] for byte in word[1:] + word[:1]]
            word[0] ^= round_constant
            round_constant = _double(round_constant)
        words.append([a ^ b for a, b in zip(words[-4], word)])
    keys = [sum(words[i : i + 4], []) for i in range(0, 44, 4)]
    state = [a ^ b for a, b in zip(block, keys[0])]
    for number in range(1, 11):
        state = [SUBSTITUTE[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < 10:
            mixed = []
            for c in range(0, 16, 4):
                column = state[c : c + 4]
                every = column[0] ^ column[1] ^ column[2] ^ column[3]
                mixed += [column[i] ^ every ^ _double(column[i] ^ column[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[number])]
    return bytes(state)


class Direction:
    """What one end seals and the other opens."""

    def __init__(self, key, central, nonce):
        self.key = aes(key, struct.pack("<H", central) + nonce + bytes(6))
        self.first, self.second = struct.unpack("<II", nonce)

    def _stream(self, offset):
        return aes(self.key, struct.pack("<II8x", self.first, self.second + offset & 0xFFFF_FFFF))

    def _check(self, cipher):
        mixed = bytes(a ^ b for a, b in zip(cipher.ljust(16, b"\0"), self._stream(1)))
        return aes(self.key, mixed)[:4]

    def _advance(self):
        self.second = self.second + 2 & 0xFFFF_FFFF

    def seal(self, plain):
        cipher = bytes(a ^ b for a, b in zip(plain, self._stream(0)))
        sealed = cipher + self._check(cipher)
        self._advance()
        return sealed

    def open(self, packet):
        cipher, check = packet[:-4], packet[-4:]
        if self._check(cipher) != check:
            raise ValueError(f"{packet.hex()} does not open")
        plain = bytes(a ^ b for a, b in zip(cipher, self._stream(0)))
        self._advance()
        return plain


class Central:
    """A MeshAccess link of `host`, which is connected, to a node."""

    def __init__(self, host, node, key):
        self.host, self.node, self.key = host, node, key

    def discover(self):
        """Handles of RX, TX and the configuration of TX, found as any client finds them."""
        first, last = self.host.find_service(SERVICE)
        values = self.host.find_characteristics(first, last)
        self.receive, self.transmit = values[RECEIVE], values[TRANSMIT]
        self.configuration = self.host.find_descriptor(self.transmit + 1, last, 0x2902)

    def subscribe(self):
        self.host.write(self.configuration, ON)

    def handshake(self, timeout=5):
        """As in 6.2; returns what the peripheral answered to START in clear, and its id."""
        start = struct.pack("<BHHBIB", START, self.node, 0, 1, NETWORK_KEY, PEER_TO_PEER)
        self.host.write(self.receive, start, request=False)
        answer = self._notified(timeout)
        kind, self.partner, receiver = struct.unpack_from("<BHH", answer)
        assert (len(answer), kind, receiver) == (13, A_NONCE, self.node), answer.hex()
        nonce = os.urandom(8)
        self.to_peripheral = Direction(self.key, self.node, answer[5:])
        self.from_peripheral = Direction(self.key, self.node, nonce)
        self.send(struct.pack("<BHH", S_NONCE, self.node, self.partner) + nonce)
        done = self.message(timeout)
        assert done == struct.pack("<BHHB", DONE, self.partner, self.node, 0), done.hex()
        return answer

    def _notified(self, timeout):
        handle, value = self.host.notified(timeout)
        assert handle == self.transmit, (handle, value.hex())
        return value

    def send(self, message):
        """A message of at most 16 bytes."""
        self.host.write(self.receive, self.to_peripheral.seal(message), request=False)

    def message(self, timeout=5):
        """The next message of the peripheral, put together from its pieces (6.6)."""
        message = b""
        while True:
            piece = self.from_peripheral.open(self._notified(timeout))
            if piece[0] not in (16, 17):
                return piece
            message += piece[2:]
            if piece[0] == 17:
                return message

    def ask(self, request, response_type, timeout=5):
        """Sends a request and skips what the node tells by itself until a message of that type comes."""
        self.send(request)
        while (answer := self.message(timeout))[0] != response_type:
            pass
        return answer

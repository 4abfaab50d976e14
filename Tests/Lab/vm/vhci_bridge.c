/* vhci_bridge ORDERS PORT...: one kernel Bluetooth adapter for each port (a virtio-serial device), with H4 relayed both ways.
 *
 * ORDERS is a FIFO that it creates. `remove I` unplugs the adapter of port I, counted from 0, `add I` plugs it in again.
 * It prints `port I is hciN` for each adapter that it makes, and `ready` after the first round. Linked statically, because
 * it also runs before the guest has a C library.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VENDOR = 0xff, COMMAND = 1, ACL = 2, SCO = 3, EVENT = 4, ISO = 5 };

struct pipe_pair {
	int port, adapter;
	size_t held;
	unsigned char bytes[65536];
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void put(int fd, const unsigned char *bytes, size_t count)
{
	while (count > 0) {
		ssize_t done = write(fd, bytes, count);
		if (done < 0 && (errno == EAGAIN || errno == EINTR)) {
			struct pollfd room = { fd, POLLOUT, 0 };
			poll(&room, 1, 1000);
		} else if (done < 0) {
			return;
		} else {
			bytes += done;
			count -= done;
		}
	}
}

/* Bytes of the H4 packet at the beginning; 0 if that is not known yet. */
static size_t packet_length(const unsigned char *b, size_t held)
{
	size_t header, body;

	if (held < 1)
		return 0;
	header = b[0] == EVENT ? 3 : b[0] == SCO || b[0] == COMMAND ? 4 : 5;
	if (held < header)
		return 0;
	switch (b[0]) {
	case EVENT: body = b[2]; break;
	case SCO: case COMMAND: body = b[3]; break;
	default: body = b[3] | (b[0] == ISO ? b[4] & 0x3f : b[4]) << 8;
	}
	return held < header + body ? 0 : header + body;
}

static void plug_in(struct pipe_pair *pair, int number)
{
	unsigned char answer[16], create[] = { VENDOR, 0 };
	struct pollfd created;

	if (pair->adapter >= 0)
		return;
	pair->adapter = open("/dev/vhci", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (pair->adapter < 0)
		fail("/dev/vhci");
	if (write(pair->adapter, create, sizeof create) != sizeof create)
		fail("create an adapter");
	created = (struct pollfd){ pair->adapter, POLLIN, 0 };
	poll(&created, 1, 5000);
	if (read(pair->adapter, answer, sizeof answer) < 4)
		fail("number of the adapter");
	printf("port %d is hci%d\n", number, answer[2] | answer[3] << 8);
	fflush(stdout);
}

/* A controller that is pulled out loses power: a reset ends its links and takes it off the air. */
static void unplug(struct pipe_pair *pair)
{
	static const unsigned char reset[] = { COMMAND, 0x03, 0x0c, 0 };

	if (pair->adapter < 0)
		return;
	close(pair->adapter);
	pair->adapter = -1;
	put(pair->port, reset, sizeof reset);
}

static void to_controller(struct pipe_pair *pair)
{
	unsigned char packet[4096];
	ssize_t count;

	while ((count = read(pair->adapter, packet, sizeof packet)) > 0)
		put(pair->port, packet, count);
}

/* The kernel takes one whole packet per write; the port is a byte stream. */
static void to_kernel(struct pipe_pair *pair, int number)
{
	ssize_t count = read(pair->port, pair->bytes + pair->held, sizeof pair->bytes - pair->held);
	size_t length, done = 0;

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		printf("port %d has lost its controller\n", number);
		fflush(stdout);
		unplug(pair);
		close(pair->port);
		pair->port = -1;
		return;
	}
	pair->held += count;
	while ((length = packet_length(pair->bytes + done, pair->held - done)) > 0) {
		if (pair->adapter >= 0)
			put(pair->adapter, pair->bytes + done, length);
		done += length;
	}
	pair->held -= done;
	memmove(pair->bytes, pair->bytes + done, pair->held);
}

static void obey(int orders, struct pipe_pair *pairs, int count)
{
	char text[256], *line, *rest = text;
	ssize_t length = read(orders, text, sizeof text - 1);
	int number;

	if (length <= 0)
		return;
	text[length] = 0;
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "remove %d", &number) == 1 && number >= 0 && number < count)
			unplug(&pairs[number]);
		else if (sscanf(line, "add %d", &number) == 1 && number >= 0 && number < count)
			plug_in(&pairs[number], number);
	}
}

int main(int argc, char **argv)
{
	int count = argc - 2, orders;
	struct pipe_pair *pairs;
	struct pollfd *polled;

	if (argc < 3) {
		fprintf(stderr, "usage: vhci_bridge ORDERS PORT...\n");
		return 64;
	}
	pairs = calloc(count, sizeof *pairs);
	polled = calloc(2 * count + 1, sizeof *polled);
	if (mkfifo(argv[1], 0600) < 0)
		fail(argv[1]);
	/* Writing too, so that it stays open when a writer goes. */
	orders = open(argv[1], O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (orders < 0)
		fail(argv[1]);
	for (int i = 0; i < count; i++) {
		pairs[i].adapter = -1;
		pairs[i].port = open(argv[i + 2], O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (pairs[i].port < 0)
			fail(argv[i + 2]);
		plug_in(&pairs[i], i);
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		for (int i = 0; i < count; i++) {
			polled[2 * i] = (struct pollfd){ pairs[i].port, POLLIN, 0 };
			polled[2 * i + 1] = (struct pollfd){ pairs[i].adapter, POLLIN, 0 };
		}
		polled[2 * count] = (struct pollfd){ orders, POLLIN, 0 };
		if (poll(polled, 2 * count + 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			fail("poll");
		}
		for (int i = 0; i < count; i++) {
			if (polled[2 * i + 1].revents & POLLIN)
				to_controller(&pairs[i]);
			if (polled[2 * i].revents & (POLLIN | POLLHUP))
				to_kernel(&pairs[i], i);
		}
		if (polled[2 * count].revents & POLLIN)
			obey(orders, pairs, count);
	}
}

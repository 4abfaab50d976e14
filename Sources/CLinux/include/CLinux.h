/* What Swift cannot see of the Linux interfaces: constants behind macros and calls with variable arguments. No logic. */
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* Flags of epoll events as plain numbers. */
static const uint32_t clinux_epoll_in = EPOLLIN;
static const uint32_t clinux_epoll_out = EPOLLOUT;
static const uint32_t clinux_epoll_err = EPOLLERR;
static const uint32_t clinux_epoll_hup = EPOLLHUP;
static const uint32_t clinux_epoll_rdhup = EPOLLRDHUP;
static const int clinux_epoll_cloexec = EPOLL_CLOEXEC;
static const int clinux_signalfd_flags = SFD_CLOEXEC | SFD_NONBLOCK;

/* ioctl requests of HCI sockets (the _IOW forms of bluetooth/hci.h). */
static const unsigned long clinux_hcidevup = _IOW('H', 201, int);
static const unsigned long clinux_hcidevdown = _IOW('H', 202, int);
static const unsigned long clinux_hcigetdevinfo = _IOR('H', 211, int);

static inline int clinux_ioctl_int(int fd, unsigned long request, int value) { return ioctl(fd, request, value); }

/* Socket types with their flags, which glibc declares as an enumeration. */
static const int clinux_sock_stream = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
static const int clinux_sock_datagram = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
static const int clinux_sock_raw = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
static const int clinux_sock_seqpacket = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK;

/* Who is at the other end of a UNIX socket. */
struct clinux_peer { pid_t pid; uid_t uid; gid_t gid; };

int clinux_peer_credentials(int fd, struct clinux_peer *peer);

#endif

/* What Swift cannot see of the Linux interfaces: constants behind macros and enumerations. No logic. */
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/timex.h>

/* Flags of epoll events as plain numbers. */
static const uint32_t clinux_epoll_in = EPOLLIN;
static const uint32_t clinux_epoll_out = EPOLLOUT;
static const uint32_t clinux_epoll_err = EPOLLERR;
static const uint32_t clinux_epoll_hup = EPOLLHUP;
static const int clinux_epoll_cloexec = EPOLL_CLOEXEC;
static const int clinux_signalfd_flags = SFD_CLOEXEC | SFD_NONBLOCK;

/* Requests of pseudo terminals: unlock, and tell the number of the other end. */
static const unsigned long clinux_pty_lock = TIOCSPTLCK;
static const unsigned long clinux_pty_number = TIOCGPTN;

#endif

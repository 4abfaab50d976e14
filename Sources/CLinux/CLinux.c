/* SO_PEERCRED needs _GNU_SOURCE, which must not reach the header: Swift imports the C library without it. */
#define _GNU_SOURCE
#include "CLinux.h"

int clinux_peer_credentials(int fd, struct clinux_peer *peer) {
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    int result = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size);
    if (result == 0) {
        peer->pid = credentials.pid;
        peer->uid = credentials.uid;
        peer->gid = credentials.gid;
    }
    return result;
}

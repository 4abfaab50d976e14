// Takes the place of the C library's functions that change files, for this program and the libraries that it uses, and ends the
// process at a chosen step. Writes that were not flushed are remembered, so that a power cut can take some of them back.
#define _GNU_SOURCE
#include "CrashPoints.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct unflushed {
    struct unflushed *next;
    int file;
    off_t offset, size_before;
    size_t length;
    unsigned char *before, *after;
};

// The lists are the latest first.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct unflushed *unflushed;
static uint64_t last_step, seen, random_state;
static enum crash_mode mode;

void crash_points_arm(uint64_t step, enum crash_mode how, uint64_t seed) {
    last_step = step;
    mode = how;
    random_state = seed;
    seen = 0;
}

static uint64_t random_bits(void) {
    // SplitMix64.
    uint64_t mixed = random_state += 0x9E3779B97F4A7C15;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    return mixed ^ mixed >> 31;
}

static ssize_t write_now(int file, const void *bytes, size_t length, off_t offset) {
    return syscall(SYS_pwrite64, file, bytes, length, offset);
}

static void end_process(void) {
    if (mode == CRASH_POWER) {
        struct unflushed *oldest = NULL;
        while (unflushed) {
            struct unflushed *write = unflushed;
            unflushed = write->next;
            write_now(write->file, write->before, write->length, write->offset);
            syscall(SYS_ftruncate, write->file, write->size_before);
            write->next = oldest;
            oldest = write;
        }
        for (struct unflushed *write = oldest; write; write = write->next)
            if (random_bits() & 1) write_now(write->file, write->after, write->length, write->offset);
    }
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/// Counts a step; true if it is the last one.
static int is_last(void) { return last_step && ++seen == last_step && mode != CRASH_FULL; }

/// Whether the step that was counted last finds a full disk.
static int finds_no_room(void) { return mode == CRASH_FULL && last_step && seen >= last_step && seen < last_step + 5; }

static void remember(int file, const void *bytes, size_t length, off_t offset) {
    // SQLite makes its shared memory longer by single bytes and never flushes it: it does not matter after a power cut.
    if (!last_step || mode != CRASH_POWER || length <= 1) return;
    struct stat status;
    struct unflushed *write = malloc(sizeof *write);
    *write = (struct unflushed){unflushed, file, offset, 0, length, calloc(1, length), malloc(length)};
    fstat(file, &status);
    write->size_before = status.st_size;
    // Reads less behind the end of the file: zeros, which the truncation takes away again.
    if (pread(file, write->before, length, offset) < 0) _exit(71);
    memcpy(write->after, bytes, length);
    unflushed = write;
}

static void forget(int file) {
    for (struct unflushed **place = &unflushed; *place;) {
        struct unflushed *write = *place;
        if (write->file != file) {
            place = &write->next;
            continue;
        }
        *place = write->next;
        free(write->before);
        free(write->after);
        free(write);
    }
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
    pthread_mutex_lock(&lock);
    int last = is_last();
    if (finds_no_room()) {
        pthread_mutex_unlock(&lock);
        errno = ENOSPC;
        return -1;
    }
    size_t part = last ? (mode == CRASH_KILLED ? 0 : length / 2) : length;
    remember(file, bytes, part, offset);
    ssize_t count = part ? write_now(file, bytes, part, offset) : 0;
    if (last) end_process();
    pthread_mutex_unlock(&lock);
    return count;
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) { return pwrite64(file, bytes, length, offset); }

static int flush(int file, long call) {
    pthread_mutex_lock(&lock);
    if (is_last()) end_process();
    int result = (int)syscall(call, file);
    if (result == 0) forget(file);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int file) { return flush(file, SYS_fsync); }
int fdatasync(int file) { return flush(file, SYS_fdatasync); }

/// What is closed is not looked after any more, so that it must have been flushed; exit code 71 if not.
int close(int file) {
    pthread_mutex_lock(&lock);
    for (struct unflushed *write = unflushed; write; write = write->next)
        if (write->file == file) _exit(71);
    pthread_mutex_unlock(&lock);
    return (int)syscall(SYS_close, file);
}

// Of the steps below, a power cut is taken to leave all that were done: file systems with a journal keep their order.

int ftruncate64(int file, off64_t size) {
    pthread_mutex_lock(&lock);
    if (is_last()) end_process();
    int result = (int)syscall(SYS_ftruncate, file, size);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

int unlink(const char *path) {
    pthread_mutex_lock(&lock);
    if (is_last()) end_process();
    int result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to) {
    pthread_mutex_lock(&lock);
    if (is_last()) end_process();
    int result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

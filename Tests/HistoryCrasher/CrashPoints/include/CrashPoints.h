#ifndef CRASH_POINTS_H
#define CRASH_POINTS_H

#include <stdint.h>

/// How the end comes.
enum crash_mode {
    /// The process is killed before the step.
    CRASH_KILLED,
    /// The process is killed with half of the step done.
    CRASH_TORN,
    /// The machine loses power with half of the step done: of what was not flushed, a choice by `seed` reached the disk.
    CRASH_POWER,
    /// The process goes on, but the disk has no room at this step and at the four after it.
    CRASH_FULL,
};

/// From now on every change of a file by this process, its libraries included, is a step; the end comes at step `step`, from 1.
void crash_points_arm(uint64_t step, enum crash_mode mode, uint64_t seed);

#endif

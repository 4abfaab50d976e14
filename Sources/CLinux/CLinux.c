/* The header says all; a target of C needs a source file. */
#include "CLinux.h"

/* The compression of RFC 1951. */
#include <zlib.h>

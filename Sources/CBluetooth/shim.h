/* The kernel's socket interface to adapters, as libbluetooth-dev declares it; nothing of the library is linked. */
#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>

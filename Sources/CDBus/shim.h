/* The reference library of D-Bus. */
#include <dbus/dbus.h>

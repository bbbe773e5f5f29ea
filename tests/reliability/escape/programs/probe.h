/* What the attempts share: how success and refusal are told. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Prints REACHED, or which call was refused and with which error. */
int told(const char *what, long result);
const char *given(const char *name);
void show_file(const char *path);

int of_reading(const char *what);
int of_kernel(const char *what);
int of_mounts(const char *what);

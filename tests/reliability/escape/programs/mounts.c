/* Mounts, roots and what belongs to the machine as a whole. */
#include "probe.h"
#include <linux/reboot.h>
#include <sys/swap.h>
#include <time.h>

static void remount(void) {
    const char *places[] = {"/usr", "/etc", "/", "/proc/sys", "node_modules"};
    for (int at = 0; at < 5; at++)
        told("mount -o remount,rw", mount(NULL, places[at], NULL, MS_REMOUNT | MS_BIND, NULL));
}

static void unmount(void) {
    const char *places[] = {"/tmp", "/etc", "/proc", "/dev", "/"};
    for (int at = 0; at < 5; at++)
        told("umount2", umount2(places[at], MNT_DETACH));
}

static void bind_mount(void) {
    mkdir("bind-target", 0700);
    told("mount --bind", mount("/", "bind-target", NULL, MS_BIND | MS_REC, NULL));
    told("mount proc", mount("proc", "bind-target", "proc", 0, NULL));
    told("mount disk", mount("/dev/vda", "bind-target", "ext4", MS_RDONLY, NULL));
}

static void newer_mounts(void) {
    told("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
    told("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */));
}

/* A folder kept open, chroot into another, and up from the first one. */
static void by_chroot(void) {
    int root = open("/", O_RDONLY | O_DIRECTORY);
    mkdir("chroot-target", 0700);
    if (!told("chroot", chroot("chroot-target")))
        return;
    if (fchdir(root) == 0)
        for (int step = 0; step < 64; step++)
            if (chdir("..") != 0)
                break;
    if (told("chroot out", chroot(".")))
        show_file(given("SECRET_FILE"));
}

static void by_pivot(void) {
    mkdir("pivot-target", 0700);
    told("pivot_root", syscall(SYS_pivot_root, ".", "pivot-target"));
}

static void hostname(void) {
    told("sethostname", sethostname("escaped", 7));
    told("setdomainname", setdomainname("escaped", 7));
}

static void clocks(void) {
    struct timespec long_ago = {1000000000, 0};
    told("clock_settime", clock_settime(CLOCK_REALTIME, &long_ago));
    told("settimeofday", syscall(SYS_settimeofday, &long_ago, NULL));
}

static void restart(void) {
    told("reboot", syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, NULL));
    told("swapon", swapon("swap", 0));
    told("swapoff", swapoff("swap"));
}

int of_mounts(const char *what) {
    if (!strcmp(what, "remount")) remount();
    else if (!strcmp(what, "unmount")) unmount();
    else if (!strcmp(what, "bind")) bind_mount();
    else if (!strcmp(what, "fsopen")) newer_mounts();
    else if (!strcmp(what, "chroot")) by_chroot();
    else if (!strcmp(what, "pivot")) by_pivot();
    else if (!strcmp(what, "hostname")) hostname();
    else if (!strcmp(what, "clock")) clocks();
    else if (!strcmp(what, "reboot")) restart();
    else return 0;
    return 1;
}

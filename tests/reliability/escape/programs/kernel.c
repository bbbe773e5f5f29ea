/* Other doors of the kernel: namespaces, rights, terminals, sockets, calls that need no file. */
#include "probe.h"
#include <dirent.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <linux/vm_sockets.h>
#include <sys/prctl.h>

static int wait_here(void *unused) {
    (void)unused;
    return 0;
}

static void by_clone(void) {
    static char stack[65536];
    told("clone", clone(wait_here, stack + sizeof stack, CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD, NULL));
}

static void by_clone3(void) {
    struct { uint64_t flags, pidfd, child, parent, signal, stack, size, tls; } how = {.flags = CLONE_NEWUSER, .signal = SIGCHLD};
    long child = syscall(SYS_clone3, &how, sizeof how);
    if (child == 0)
        _exit(0);
    told("clone3", child);
}

/* The state of the user's terminal is looked at by the test; here it is only tried by every door. */
static void typing(void) {
    const char *line = given("TYPED");
    int doors[8] = {open("/dev/tty", O_RDWR), open("/dev/console", O_RDWR), open(given("TERMINAL"), O_RDWR), 0, 1, 2, 3, 4};
    for (int at = 0; at < 8; at++)
        for (const char *letter = line; *letter; letter++)
            if (doors[at] >= 0 && ioctl(doors[at], TIOCSTI, letter) == 0 && letter == line)
                printf("REACHED door %d\n", at);
    told("TIOCSTI", ioctl(0, TIOCSTI, line));
}

static void rights(void) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    const unsigned wanted = 1u << CAP_SYS_ADMIN | 1u << CAP_DAC_OVERRIDE;
    struct __user_cap_data_struct sets[2] = {{wanted, wanted, 0}};
    told("capset", syscall(SYS_capset, &head, sets));
}

static void users(void) {
    gid_t group = 12;
    told("setgroups", setgroups(1, &group));
    told("setresgid", setresgid(54321, 54321, 54321));
    told("setresuid", setresuid(54321, 54321, 54321));
}

static void identity(void) {
    printf("identity %d %s\n", geteuid(), geteuid() == getuid() ? "same" : "REACHED");
}

static void by_netlink(void) {
    struct { struct nlmsghdr head; struct ifinfomsg link; struct rtattr name; char text[8]; } ask = {
        .head = {sizeof ask, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 1, 0},
        .name = {sizeof ask.name + 8, IFLA_IFNAME},
        .text = "escape0",
    };
    char answer[4096];
    int out = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (out < 0 || send(out, &ask, sizeof ask, 0) < 0 || recv(out, answer, sizeof answer, 0) < 0) {
        told("netlink", -1);
        return;
    }
    struct nlmsgerr *error = NLMSG_DATA((struct nlmsghdr *)answer);
    errno = -error->error;
    told("netlink", error->error ? -1 : 0);
}

static void by_vsock(void) {
    struct sockaddr_vm host = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = 22};
    int out = socket(AF_VSOCK, SOCK_STREAM, 0);
    if (told("socket(AF_VSOCK)", out))
        told("connect", connect(out, (struct sockaddr *)&host, sizeof host));
}

static void with_memory_calls(const char *what) {
    char room[256] = {0};
    if (!strcmp(what, "uring")) told("io_uring_setup", syscall(SYS_io_uring_setup, 2, room));
    else if (!strcmp(what, "userfault")) told("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC));
    else if (!strcmp(what, "bpf")) {
        ((uint32_t *)room)[0] = 2; ((uint32_t *)room)[1] = 4; ((uint32_t *)room)[2] = 4; ((uint32_t *)room)[3] = 1;
        told("bpf", syscall(SYS_bpf, 0 /* an array of one */, room, 72));
    } else if (!strcmp(what, "perf")) {
        ((uint32_t *)room)[0] = 1; ((uint32_t *)room)[1] = 112;
        told("perf_event_open", syscall(SYS_perf_event_open, room, 0, -1, -1, 0));
    } else if (!strcmp(what, "module")) {
        told("init_module", syscall(SYS_init_module, room, sizeof room, ""));
        told("finit_module", syscall(SYS_finit_module, 0, "", 0));
        told("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
    } else if (!strcmp(what, "addkey")) {
        told("add_key", syscall(SYS_add_key, "user", "escape", "x", 1, -4 /* the user's keyring */));
        told("request_key", syscall(SYS_request_key, "user", "escape", NULL, 0));
    }
}

/* The numbers of calls that must be refused whatever their arguments are come from the environment. */
static void denied(void) {
    int open_ones = 0, count = 0;
    for (char *each = strtok(strdup(given("DENIED")), ","); each; each = strtok(NULL, ",")) {
        count++;
        if (syscall(atoi(each), -1, -1, -1, -1, -1, -1) >= 0 || (errno != EPERM && errno != ENOSYS)) {
            open_ones++;
            printf("REACHED call %s: %s\n", each, strerrorname_np(errno));
        }
    }
    printf("%d calls, %s\n", count, open_ones ? "some not refused" : "all refused");
}

static void foreign(void) {
#ifdef __x86_64__
    fflush(stdout);
    if (fork() == 0) {
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(20 /* getpid of i386 */) : "memory");
        printf(result > 0 ? "REACHED 32-bit\n" : "32-bit refused\n");
        fflush(stdout);
        _exit(0);
    }
    int status;
    wait(&status);
    printf("tried: %s\n", WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no signal");
    told("x32 getpid", syscall(0x40000000 + 39));
#else
    printf("tried: there are no such numbers here\n");
#endif
}

static void lift(void) {
    struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    struct sock_fprog program = {1, &allow};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        printf("no further filter: %s\n", strerrorname_np(errno));
    told("unshare", unshare(CLONE_NEWUSER));
}

int of_kernel(const char *what) {
    const char *calls = " uring userfault bpf perf module addkey ";
    char word[32];
    snprintf(word, sizeof word, " %s ", what);
    if (!strcmp(what, "unshare")) told("unshare", unshare(CLONE_NEWUSER));
    else if (!strcmp(what, "clone")) by_clone();
    else if (!strcmp(what, "clone3")) by_clone3();
    else if (!strcmp(what, "typing")) typing();
    else if (!strcmp(what, "capset")) rights();
    else if (!strcmp(what, "users")) users();
    else if (!strcmp(what, "identity")) identity();
    else if (!strcmp(what, "netlink")) by_netlink();
    else if (!strcmp(what, "vsock")) by_vsock();
    else if (!strcmp(what, "alg")) told("socket(AF_ALG)", socket(AF_ALG, SOCK_SEQPACKET, 0));
    else if (!strcmp(what, "pidfd")) told("pidfd_open", syscall(SYS_pidfd_open, atoi(given("VICTIM")), 0));
    else if (!strcmp(what, "log")) told("syslog", syscall(SYS_syslog, 3, malloc(4096), 4096));
    else if (!strcmp(what, "denied")) denied();
    else if (!strcmp(what, "foreign")) foreign();
    else if (!strcmp(what, "filter")) lift();
    else if (strstr(calls, word)) with_memory_calls(what);
    else return 0;
    return 1;
}

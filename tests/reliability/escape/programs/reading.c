/* Reading what belongs to somebody else: by handle, from memory, from keyrings and queues. */
#include "probe.h"
#include <linux/keyctl.h>
#include <mqueue.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/uio.h>

/* The handle of the secret file, as the kernel gives it to anybody who can name the file; the folder of the draft lies
   on the same file system. This is how containers of 2014 were left ("shocker"). */
static void by_handle(void) {
    struct { struct file_handle head; unsigned char bytes[128]; } handle;
    char content[4096];
    const char *text = given("SECRET_HANDLE");
    unsigned type, byte;
    int used = 0;
    sscanf(text, "%u:%n", &type, &used);
    handle.head.handle_type = (int)type;
    handle.head.handle_bytes = 0;
    for (text += used; sscanf(text, "%2x", &byte) == 1; text += 2)
        handle.head.f_handle[handle.head.handle_bytes++] = (unsigned char)byte;
    int folder = open(".", O_RDONLY | O_DIRECTORY);
    int file = (int)syscall(SYS_open_by_handle_at, folder, &handle.head, O_RDONLY);
    told("open_by_handle_at", file);
    ssize_t size = file < 0 ? 0 : read(file, content, sizeof content);
    printf("%.*s\n", (int)size, content);
}

static void memory(void) {
    static char content[256];
    pid_t victim = atoi(given("VICTIM"));
    struct iovec here = {content, sizeof content - 1};
    struct iovec there = {(void *)strtoull(given("VICTIM_ADDRESS"), NULL, 16), sizeof content - 1};
    if (told("process_vm_readv", process_vm_readv(victim, &here, 1, &there, 1, 0)))
        printf("%s\n", content);
    snprintf(content, sizeof content, "/proc/%d/mem", victim);
    if (open(content, O_RDWR) >= 0)
        printf("REACHED %s\n", content);
}

static void trace(void) {
    pid_t victim = atoi(given("VICTIM"));
    if (told("ptrace", ptrace(PTRACE_ATTACH, victim, NULL, NULL))) {
        waitpid(victim, NULL, __WALL);
        ptrace(PTRACE_DETACH, victim, NULL, NULL);
    }
}

static void keyring(void) {
    char content[256] = "";
    const int rings[] = {KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_SESSION_KEYRING, KEY_SPEC_USER_KEYRING};
    for (int at = 0; at < 3; at++) {
        long key = syscall(SYS_keyctl, KEYCTL_SEARCH, rings[at], "user", given("KEY_NAME"), 0);
        if (!told("keyctl", key))
            continue;
        syscall(SYS_keyctl, KEYCTL_READ, key, content, sizeof content - 1);
        printf("%s\n", content);
    }
}

static void shared(void) {
    int segment = shmget(atoi(given("SHARED_KEY")), 0, 0);
    if (told("shmget", segment))
        printf("%s\n", (char *)shmat(segment, NULL, SHM_RDONLY));
}

static void queue(void) {
    char content[8192] = "";
    mqd_t opened = mq_open(given("QUEUE_NAME"), O_RDONLY | O_NONBLOCK);
    if (!told("mq_open", opened))
        return;
    mq_receive(opened, content, sizeof content, NULL);
    printf("%s\n", content);
}

int of_reading(const char *what) {
    if (!strcmp(what, "handle")) by_handle();
    else if (!strcmp(what, "memory")) memory();
    else if (!strcmp(what, "trace")) trace();
    else if (!strcmp(what, "keyring")) keyring();
    else if (!strcmp(what, "shared")) shared();
    else if (!strcmp(what, "queue")) queue();
    else return 0;
    return 1;
}

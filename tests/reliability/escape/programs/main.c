/* One program for all attempts in C: the first argument names the attempt. */
#include "probe.h"

int told(const char *what, long result) {
    if (result >= 0)
        printf("REACHED %s (%ld)\n", what, result);
    else
        printf("refused: %s: %s\n", what, strerrorname_np(errno));
    fflush(stdout);
    return result >= 0;
}

const char *given(const char *name) {
    const char *value = getenv(name);
    if (value == NULL) {
        printf("broken attempt: %s is not set\n", name);
        exit(3);
    }
    return value;
}

void show_file(const char *path) {
    char content[4096];
    int file = open(path, O_RDONLY);
    ssize_t size = file < 0 ? -1 : read(file, content, sizeof content - 1);
    if (size < 0) {
        told(path, -1);
        return;
    }
    content[size] = 0;
    printf("%s\n", content);
}

int main(int count, char **arguments) {
    const char *what = count > 1 ? arguments[1] : "";
    if (of_reading(what) || of_kernel(what) || of_mounts(what))
        return 0;
    printf("broken attempt: there is no %s\n", what);
    return 3;
}

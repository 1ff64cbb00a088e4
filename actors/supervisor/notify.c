#include "actors/supervisor/notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int notify_service_manager(const char *socket_path, const char *state)
{
    if (!socket_path || !*socket_path)
        return 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(socket_path);
    if (n >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, socket_path, n);
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
                          (const struct sockaddr *)&address, size);
    close(fd);
    return sent < 0 ? -1 : 0;
}

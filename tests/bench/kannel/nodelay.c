/*
 * Preloaded under Kannel: every TCP socket it makes or accepts writes at once. As shipped, its small writes wait for the
 * other side's delayed acknowledgement (Nagle's algorithm).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static void
at_once(int fd, int family)
{
	int on = 1;

	if (fd >= 0 && (family == AF_INET || family == AF_INET6))
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int
socket(int family, int type, int protocol)
{
	int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
	int fd = real(family, type, protocol);

	if ((type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_STREAM)
		at_once(fd, family);
	return fd;
}

int
accept(int listener, struct sockaddr *address, socklen_t *len)
{
	int (*real)(int, struct sockaddr *, socklen_t *) =
		(int (*)(int, struct sockaddr *, socklen_t *))dlsym(RTLD_NEXT, "accept");
	int fd = real(listener, address, len);

	at_once(fd, AF_INET);
	return fd;
}

#include <fcgiapp.h>

// The connections that libfcgi reads from are watched by us; Swift's Glibc module lacks these.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Declared by <sys/socket.h> only for C programs that define _GNU_SOURCE.
extern int accept4(int, struct sockaddr *, socklen_t *, int);

static inline int accept_close_on_exec(int listener) {
  return accept4(listener, 0, 0, SOCK_CLOEXEC);
}

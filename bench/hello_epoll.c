// A hello world with libfcgi behind one epoll set of kept connections: a yardstick of scripts/bench.
#define _GNU_SOURCE
#include <fcgiapp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int listener, set;

static void arm(int operation, int descriptor) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT};
  event.data.fd = descriptor;
  epoll_ctl(set, operation, descriptor, &event);
}

static void *serve(void *unused) {
  FCGX_Request request;
  struct epoll_event event;
  (void)unused;
  for (;;) {
    if (epoll_wait(set, &event, 1, -1) != 1) continue;
    FCGX_InitRequest(&request, -1, 0);
    request.ipcFd = event.data.fd;
    request.keepConnection = 1;
    if (FCGX_Accept_r(&request) != 0) continue;
    FCGX_PutS("Content-Type: application/json\r\n\r\n{\"success\":true,\"error\":null}", request.out);
    FCGX_Finish_r(&request);
    if (request.ipcFd >= 0) arm(EPOLL_CTL_MOD, request.ipcFd);
  }
  return NULL;
}

int main(int count, char **arguments) {
  pthread_t thread;
  if (count != 2) return 2;
  FCGX_Init();
  listener = FCGX_OpenSocket(arguments[1], 1024);
  chmod(arguments[1], 0666);
  set = epoll_create1(0);
  for (int i = 0; i < 8; i++) pthread_create(&thread, NULL, serve, NULL);
  for (;;) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (descriptor >= 0) arm(EPOLL_CTL_ADD, descriptor);
  }
}

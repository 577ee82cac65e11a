// A hello world on libfcgi's own accept loop: a yardstick of scripts/bench.
#include <fcgiapp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

static int listener;

static void *serve(void *unused) {
  FCGX_Request request;
  (void)unused;
  FCGX_InitRequest(&request, listener, 0);
  while (FCGX_Accept_r(&request) == 0) {
    FCGX_PutS("Content-Type: application/json\r\n\r\n{\"success\":true,\"error\":null}", request.out);
    FCGX_Finish_r(&request);
  }
  return NULL;
}

int main(int count, char **arguments) {
  pthread_t threads[8];
  if (count != 2) return 2;
  FCGX_Init();
  listener = FCGX_OpenSocket(arguments[1], 1024);
  chmod(arguments[1], 0666);
  for (int i = 0; i < 8; i++) pthread_create(&threads[i], NULL, serve, NULL);
  for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
  return 0;
}

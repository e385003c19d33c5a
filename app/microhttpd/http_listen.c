/* http_listen.c: the sockets that wait for clients. */
#define _DEFAULT_SOURCE /* SO_ATTACH_FILTER; before any header */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/microhttpd/http_parts.h"
#include "formats/format_fail.h"

enum { PRIVILEGED_PORTS = 1024, WAITING_CLIENTS = 4096 };

static numeral_status fail_to_listen(int reason, const char *host, int port,
                                     numeral_error *error) {
  if (reason == EADDRINUSE) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "port %d of %s is taken by another program: end that, "
                       "or choose another port (0: any free one)",
                       port, host);
  }
  if (reason == EACCES && port < PRIVILEGED_PORTS) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "port %d of %s needs an administrator's rights, as all "
                       "below %d do: choose a higher one",
                       port, host, PRIVILEGED_PORTS);
  }
  if (reason == EADDRNOTAVAIL) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "%s is not an address of this machine: 127.0.0.1 is for "
                       "itself alone, 0.0.0.0 and :: for every network",
                       host);
  }
  return format_fail(error, NUMERAL_ERROR_IO,
                     "cannot listen at port %d of %s: %s", port, host,
                     strerror(reason));
}

/* "::" takes clients of IPv4 too; where a name has addresses of both kinds,
 * each has its socket. */
static int open_listener(const struct addrinfo *at, bool is_alone) {
  const int yes = 1, both = is_alone ? 0 : 1;
  int fd = socket(at->ai_family, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  /* connections of a server before us, that are ending, do not matter */
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (at->ai_family == AF_INET6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &both, sizeof both);
  }
  if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 &&
      listen(fd, WAITING_CLIENTS) == 0) {
    return fd;
  }
  int reason = errno;
  close(fd);
  errno = reason;
  return -1;
}

static int port_of(int fd) {
  struct sockaddr_storage name = {0};
  socklen_t size = sizeof name;
  if (getsockname(fd, (struct sockaddr *)&name, &size) < 0) return 0;
  if (name.ss_family == AF_INET6) {
    return ntohs(((struct sockaddr_in6 *)&name)->sin6_port);
  }
  return ntohs(((struct sockaddr_in *)&name)->sin_port);
}

static void set_port(const struct addrinfo *at, int port) {
  if (at->ai_family == AF_INET6) {
    ((struct sockaddr_in6 *)at->ai_addr)->sin6_port = htons((uint16_t)port);
  } else if (at->ai_family == AF_INET) {
    ((struct sockaddr_in *)at->ai_addr)->sin_port = htons((uint16_t)port);
  }
}

/* Addresses that the machine does not have are left out where there are others:
 * "localhost" is ::1 too, and containers are often without IPv6. */
static bool may_be_missing(int reason) {
  return reason == EADDRNOTAVAIL || reason == EAFNOSUPPORT;
}

numeral_status http_listen(http_server *server, const char *host, int port,
                           numeral_error *error) {
  char service[16];
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
  struct addrinfo *all = NULL;
  snprintf(service, sizeof service, "%d", port);
  int code = getaddrinfo(host, service, &hints, &all);
  if (code != 0) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "there is no host %s to listen at (%s): 127.0.0.1 is "
                       "this machine",
                       host, gai_strerror(code));
  }
  int reason = EADDRNOTAVAIL;
  for (struct addrinfo *at = all; at && server->listener_count < HTTP_LISTENERS;
       at = at->ai_next) {
    if (server->listener_count > 0) set_port(at, server->port);
    int fd = open_listener(at, !all->ai_next);
    if (fd >= 0) {
      server->listeners[server->listener_count++] = fd;
      server->port = port_of(fd);
    } else if (!may_be_missing(errno)) {
      reason = errno;
      http_listen_end(server);
      break;
    }
  }
  freeaddrinfo(all);
  if (server->listener_count == 0) {
    return fail_to_listen(reason, host, port, error);
  }
  return NUMERAL_OK;
}

/* A client whose connection was made by the kernel, but accepted by nobody,
 * gets a reset when the socket is closed. So the kernel is told to make no more
 * of them before the last are accepted: a filter drops greetings (SYN without
 * ACK). Such a client tries again after a second, and finds nobody, or the next
 * server. Where the kernel refuses the filter, a few clients in ten thousand
 * are unlucky. */
void http_listen_refuse(const http_server *server) {
  enum { FLAGS_OF_TCP = 13, SYN = 0x02, ACK = 0x10 };
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_OF_TCP),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
  };
  struct sock_fprog program = {sizeof code / sizeof code[0], code};
  for (int i = 0; i < server->listener_count; i++) {
    setsockopt(server->listeners[i], SOL_SOCKET, SO_ATTACH_FILTER, &program,
               sizeof program);
  }
}

void http_listen_end(http_server *server) {
  while (server->listener_count > 0) {
    close(server->listeners[--server->listener_count]);
  }
}

#pragma once
// Newer releases of librabbitmq keep their headers in a folder of their own.
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>

// amqp_login_with_properties is variadic (the SASL arguments), which Swift cannot import.
static inline amqp_rpc_reply_t chard_amqp_login(amqp_connection_state_t state, const char *vhost, int channel_max,
                                                int frame_max, int heartbeat, const amqp_table_t *properties,
                                                const char *user, const char *password) {
  return amqp_login_with_properties(state, vhost, channel_max, frame_max, heartbeat, properties,
                                    AMQP_SASL_METHOD_PLAIN, user, password);
}

// eventfd is not in Swift's Glibc module; ppoll takes its time limit in nanoseconds.
static inline int chard_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline int chard_poll(struct pollfd *descriptors, nfds_t count, long long nanoseconds) {
  if (nanoseconds < 0) return poll(descriptors, count, -1);
  struct timespec limit = {nanoseconds / 1000000000LL, nanoseconds % 1000000000LL};
  extern int ppoll(struct pollfd *, nfds_t, const struct timespec *, const void *);
  return ppoll(descriptors, count, &limit, (void *)0);
}

// prctl is variadic, and pthread_setname_np is not in Swift's Glibc module.
static inline void chard_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

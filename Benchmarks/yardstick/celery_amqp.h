// What the yardstick programs share: a checked librabbitmq connection, queue declaration, and Celery protocol-2 messages.
#ifndef CELERY_AMQP_H
#define CELERY_AMQP_H

#define _GNU_SOURCE  // ppoll

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/tcp_socket.h>
#else  // before rabbitmq-c 0.12
#include <amqp.h>
#include <amqp_tcp_socket.h>
#endif
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHANNEL = 1, FRAME_MAX = 131072, ID_LENGTH = 36 };

static inline _Noreturn void die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("error: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  exit(1);
}

static inline double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static inline amqp_bytes_t text(const char *string) { return amqp_cstring_bytes(string); }

// Ends the program with what the library or the server said, unless the reply is a normal one.
static inline void check_reply(amqp_rpc_reply_t reply, const char *doing) {
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) die("%s: %s", doing, amqp_error_string2(reply.library_error));
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
    amqp_channel_close_t *close = reply.reply.decoded;
    die("%s: the broker closed the channel: %u %.*s", doing, close->reply_code, (int)close->reply_text.len,
        (char *)close->reply_text.bytes);
  }
  die("%s: the broker closed the connection", doing);
}

static inline void check_status(int status, const char *doing) {
  if (status != AMQP_STATUS_OK) die("%s: %s", doing, amqp_error_string2(status));
}

static inline amqp_connection_state_t connect_broker(int port) {
  amqp_connection_state_t connection = amqp_new_connection();
  amqp_socket_t *socket = connection ? amqp_tcp_socket_new(connection) : NULL;
  if (!socket) die("out of memory");
  check_status(amqp_socket_open(socket, "127.0.0.1", port), "connecting to the broker");
  check_reply(amqp_login(connection, "/", 0, FRAME_MAX, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), "logging in");
  amqp_channel_open(connection, CHANNEL);
  check_reply(amqp_get_rpc_reply(connection), "opening a channel");
  return connection;
}

// Declares a durable queue, "classic" without any argument as plain Celery does, or "quorum".
static inline void declare_queue(amqp_connection_state_t connection, const char *queue, const char *type) {
  amqp_table_entry_t entry = {.key = text("x-queue-type"),
                              .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = text(type)}};
  amqp_table_t quorum = {.num_entries = 1, .entries = &entry};
  bool is_quorum = strcmp(type, "quorum") == 0;
  if (!is_quorum && strcmp(type, "classic") != 0) die("a queue is classic or quorum, not %s", type);
  amqp_queue_declare(connection, CHANNEL, text(queue), 0, 1, 0, 0, is_quorum ? quorum : amqp_empty_table);
  check_reply(amqp_get_rpc_reply(connection), "declaring the queue");
}

// Task n of a run. The run's number keeps ids of different runs apart; the whole looks like a UUID.
static inline void task_id(char id[ID_LENGTH + 1], uint32_t run, unsigned n) {
  snprintf(id, ID_LENGTH + 1, "%08x-0000-4000-8000-%012x", run, n);
}

// Publishes a task to the queue through the default exchange, with all the headers that Celery 5.7 sends.
static inline void publish_task(amqp_connection_state_t connection, const char *queue, const char *task,
                                const char *arguments, const char *id) {
  amqp_table_entry_t headers[16];
  int count = 0;
#define HEADER(name, type, member, content) \
  headers[count++] = (amqp_table_entry_t) { .key = text(name), .value = {.kind = type, .value.member = content} }
#define TEXT_HEADER(name, content) HEADER(name, AMQP_FIELD_KIND_UTF8, bytes, text(content))
#define NULL_HEADER(name) HEADER(name, AMQP_FIELD_KIND_VOID, u8, 0)
  TEXT_HEADER("lang", "py");
  TEXT_HEADER("task", task);
  TEXT_HEADER("id", id);
  NULL_HEADER("shadow");
  NULL_HEADER("eta");
  NULL_HEADER("expires");
  NULL_HEADER("group");
  NULL_HEADER("group_index");
  HEADER("retries", AMQP_FIELD_KIND_I32, i32, 0);
  NULL_HEADER("timelimit");
  TEXT_HEADER("root_id", id);
  NULL_HEADER("parent_id");
  TEXT_HEADER("argsrepr", arguments);
  TEXT_HEADER("kwargsrepr", "{}");
  TEXT_HEADER("origin", "gen1@fill");
  HEADER("ignore_result", AMQP_FIELD_KIND_BOOLEAN, boolean, 0);
#undef HEADER
#undef TEXT_HEADER
#undef NULL_HEADER
  amqp_basic_properties_t properties = {
      ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG | AMQP_BASIC_HEADERS_FLAG |
                AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_PRIORITY_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG |
                AMQP_BASIC_REPLY_TO_FLAG,
      .content_type = text("application/json"),
      .content_encoding = text("utf-8"),
      .headers = {.num_entries = count, .entries = headers},
      .delivery_mode = 2,
      .priority = 0,
      .correlation_id = text(id),
      .reply_to = text("11111111-1111-1111-1111-111111111111"),
  };
  char body[1024];
  int length = snprintf(body, sizeof body,
                        "[%s, {}, {\"callbacks\": null, \"errbacks\": null, \"chain\": null, \"chord\": null}]", arguments);
  if (length < 0 || (size_t)length >= sizeof body) die("the arguments are too long");
  amqp_bytes_t bytes = {.len = (size_t)length, .bytes = body};
  check_status(amqp_basic_publish(connection, CHANNEL, text(""), text(queue), 0, 0, &properties, bytes), "publishing");
}

#endif

// Listens to worker and task events as a monitor does, and counts them as cheaply as it can.
//
//   listen AMQP_PORT
//
// Says "ready" once its queue is bound to the exchange celeryev. On TERM it goes on until nothing has come for half a
// second, then prints one line of JSON: messages, bytes, and how many events of tasks of each type were in them.
#include "celery_amqp.h"
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t ending;
static void on_term(int signal) {
  (void)signal;
  ending = 1;
}

typedef struct {
  unsigned long long messages, bytes, received, started, succeeded, other;
} Counts;

static bool has_prefix(const char *at, size_t left, const char *prefix) {
  return left >= strlen(prefix) && memcmp(at, prefix, strlen(prefix)) == 0;
}

// Every event names its type once, e.g. "task-received"; no argument of the benchmarks' tasks looks like one.
static void count_events(amqp_bytes_t body, Counts *counts) {
  static const char MARK[] = "\"task-";
  const char *at = body.bytes, *end = at + body.len;
  counts->messages++;
  counts->bytes += body.len;
  while ((at = memmem(at, (size_t)(end - at), MARK, sizeof MARK - 1))) {
    at += sizeof MARK - 1;
    size_t left = (size_t)(end - at);
    if (has_prefix(at, left, "received")) counts->received++;
    else if (has_prefix(at, left, "started")) counts->started++;
    else if (has_prefix(at, left, "succeeded")) counts->succeeded++;
    else counts->other++;
  }
}

static void bind_queue(amqp_connection_state_t connection) {
  amqp_exchange_declare(connection, CHANNEL, text("celeryev"), text("topic"), 0, 1, 0, 0, amqp_empty_table);
  check_reply(amqp_get_rpc_reply(connection), "declaring celeryev");
  amqp_queue_declare_ok_t *queue = amqp_queue_declare(connection, CHANNEL, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
  check_reply(amqp_get_rpc_reply(connection), "declaring a queue");
  amqp_bytes_t name = amqp_bytes_malloc_dup(queue->queue);
  amqp_queue_bind(connection, CHANNEL, name, text("celeryev"), text("#"), amqp_empty_table);
  check_reply(amqp_get_rpc_reply(connection), "binding the queue");
  amqp_basic_consume(connection, CHANNEL, name, amqp_empty_bytes, 0, 1, 1, amqp_empty_table);
  check_reply(amqp_get_rpc_reply(connection), "consuming");
  amqp_bytes_free(name);
}

int main(int count, char **words) {
  if (count != 2) die("usage: listen AMQP_PORT");
  signal(SIGTERM, on_term);
  amqp_connection_state_t connection = connect_broker(atoi(words[1]));
  bind_queue(connection);
  puts("ready");
  fflush(stdout);
  Counts counts = {0};
  double last = now();
  while (!ending || now() - last < 0.5) {
    struct timeval timeout = {.tv_usec = 100000};
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(connection);
    amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, &timeout, 0);
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT) continue;
    check_reply(reply, "waiting for events");
    count_events(envelope.message.body, &counts);
    amqp_destroy_envelope(&envelope);
    last = now();
  }
  printf("{\"messages\": %llu, \"bytes\": %llu, \"received\": %llu, \"started\": %llu, \"succeeded\": %llu, \"other\": %llu}\n",
         counts.messages, counts.bytes, counts.received, counts.started, counts.succeeded, counts.other);
  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(connection);
  return 0;
}

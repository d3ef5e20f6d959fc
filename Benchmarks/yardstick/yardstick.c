// The yardstick: the practical ceiling of a worker's job on this machine. It consumes with manual acknowledgement,
// writes one Celery result document for each message to Redis (SETEX and PUBLISH, pipelined), and acknowledges after
// Redis has answered. It runs no task and reads no JSON.
//
//   yardstick -q QUEUE [-t classic|quorum] [-n N] [-p PREFETCH] [-b BATCH] AMQP_PORT REDIS_PORT
//
// Without -n it runs until TERM. A batch is what has piled up, at most BATCH messages; while it is not full, it waits
// 200 µs for the next message, except with -b 1 (for latency), where each message is settled at once. Prints tasks/s
// from the first message to the last acknowledgement, and CPU per task; the benchmark measures both from outside.
#include "celery_amqp.h"
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile sig_atomic_t stopping = 0;
static void stop(int signal) {
  (void)signal;
  stopping = 1;
}

static redisContext *connect_redis(int port) {
  redisContext *redis = redisConnect("127.0.0.1", port);
  if (!redis || redis->err) die("connecting to Redis: %s", redis ? redis->errstr : "out of memory");
  return redis;
}

// Appends the result of a task to the pipeline: what Celery stores for `1 + 2`.
static void append_result(redisContext *redis, amqp_bytes_t id) {
  char key[160], document[512];
  int key_length = snprintf(key, sizeof key, "celery-task-meta-%.*s", (int)id.len, (char *)id.bytes);
  int length = snprintf(document, sizeof document,
                        "{\"status\": \"SUCCESS\", \"result\": 3, \"traceback\": null, \"children\": [], "
                        "\"date_done\": \"2026-11-20T22:00:00.000000+00:00\", \"task_id\": \"%.*s\"}",
                        (int)id.len, (char *)id.bytes);
  if (key_length >= (int)sizeof key || length >= (int)sizeof document) die("an id of %zu bytes is too long", id.len);
  if (redisAppendCommand(redis, "SETEX %s 86400 %b", key, document, (size_t)length) != REDIS_OK ||
      redisAppendCommand(redis, "PUBLISH %s %b", key, document, (size_t)length) != REDIS_OK)
    die("writing to Redis: %s", redis->errstr);
}

static void read_replies(redisContext *redis, int count) {
  for (int i = 0; i < count; i++) {
    redisReply *reply;
    if (redisGetReply(redis, (void **)&reply) != REDIS_OK) die("Redis: %s", redis->errstr);
    if (reply->type == REDIS_REPLY_ERROR) die("Redis: %s", reply->str);
    freeReplyObject(reply);
  }
}

// Takes up to `most` messages. Returns how many, and the last one's delivery tag.
static int take_batch(amqp_connection_state_t connection, redisContext *redis, int most, uint64_t *tag) {
  int taken = 0;
  while (taken < most && !stopping) {
    struct timeval wait = {.tv_usec = taken ? 200 : 200000};
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(connection);
    amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, &wait, 0);
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT) {
      if (taken) break;
      continue;
    }
    check_reply(reply, "consuming");
    append_result(redis, envelope.message.properties.correlation_id);
    *tag = envelope.delivery_tag;
    taken++;
    amqp_destroy_envelope(&envelope);
  }
  return taken;
}

static void report(unsigned done, double seconds) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
  if (done) printf("%u tasks in %.2f s: %.0f/s, %.2f us CPU a task\n", done, seconds, done / seconds, cpu / done * 1e6);
}

int main(int count, char **words) {
  const char *queue = NULL, *type = "classic";
  unsigned tasks = 0;
  int prefetch = 1000, batch = 100;
  for (int option; (option = getopt(count, words, "q:t:n:p:b:")) != -1;) switch (option) {
      case 'q': queue = optarg; break;
      case 't': type = optarg; break;
      case 'n': tasks = (unsigned)strtoul(optarg, NULL, 10); break;
      case 'p': prefetch = atoi(optarg); break;
      case 'b': batch = atoi(optarg); break;
      default: return 2;
    }
  if (!queue || optind != count - 2 || batch < 1 || prefetch < batch || prefetch > 65535)
    die("usage: yardstick -q QUEUE [-n N] [-p PREFETCH >= BATCH] [-b BATCH] AMQP_PORT REDIS_PORT");
  signal(SIGTERM, stop);
  signal(SIGINT, stop);

  redisContext *redis = connect_redis(atoi(words[optind + 1]));
  amqp_connection_state_t connection = connect_broker(atoi(words[optind]));
  declare_queue(connection, queue, type);
  amqp_basic_qos(connection, CHANNEL, 0, (uint16_t)prefetch, 0);
  check_reply(amqp_get_rpc_reply(connection), "setting the prefetch");
  amqp_basic_consume(connection, CHANNEL, text(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  check_reply(amqp_get_rpc_reply(connection), "consuming");

  unsigned done = 0;
  double begun = 0, ended = 0;
  while (!stopping && (!tasks || done < tasks)) {
    int most = tasks && tasks - done < (unsigned)batch ? (int)(tasks - done) : batch;
    uint64_t tag = 0;
    int taken = take_batch(connection, redis, most, &tag);
    if (!taken) continue;
    if (!begun) begun = now();
    read_replies(redis, 2 * taken);
    check_status(amqp_basic_ack(connection, CHANNEL, tag, 1), "acknowledging");
    done += (unsigned)taken;
    ended = now();
  }
  report(done, ended - begun);
  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(connection);
  redisFree(redis);
  return 0;
}

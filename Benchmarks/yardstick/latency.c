// Measures the time from publishing a task to hearing of its result, at a steady rate: the same client for every worker.
//
//   latency -q QUEUE [-n N] [-w WARM_UP] [-i INTERVAL_MS] [-k TASK] [-a ARGUMENTS] [-r RUN] AMQP_PORT REDIS_PORT
//
// One thread publishes a task every INTERVAL_MS (a schedule, so that a slow answer delays nothing) and sleeps in poll()
// until the next one is due or Redis announces a result. A task's clock starts just before its publish and stops when
// its SUCCESS has been read from the subscription to celery-task-meta-*. The first WARM_UP tasks are not counted; they
// are sent while the worker may still be starting. Prints one line of JSON, times in microseconds.
#include "celery_amqp.h"
#include <errno.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <unistd.h>

typedef struct {
  double sent, seen;
} Task;

static const char PREFIX[] = "celery-task-meta-";

static redisContext *subscribe(int port) {
  redisContext *redis = redisConnect("127.0.0.1", port);
  if (!redis || redis->err) die("connecting to Redis: %s", redis ? redis->errstr : "out of memory");
  redisReply *reply = redisCommand(redis, "PSUBSCRIBE %s*", PREFIX);
  if (!reply || reply->type == REDIS_REPLY_ERROR) die("subscribing: %s", reply ? reply->str : redis->errstr);
  freeReplyObject(reply);
  return redis;
}

// Notes the moment when a pmessage tells a task's SUCCESS. Returns whether it was the first time.
static bool note_result(const redisReply *reply, const char *run, Task *tasks, unsigned count) {
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 4 || !reply->element[2]->str || !reply->element[3]->str)
    return false;
  const char *channel = reply->element[2]->str;
  if (strncmp(channel, PREFIX, sizeof PREFIX - 1) != 0 || strlen(channel) != sizeof PREFIX - 1 + ID_LENGTH) return false;
  const char *id = channel + sizeof PREFIX - 1;
  if (strncmp(id, run, 8) != 0 || !strstr(reply->element[3]->str, "\"SUCCESS\"")) return false;
  unsigned long n = strtoul(id + ID_LENGTH - 12, NULL, 16);
  if (n >= count || tasks[n].seen != 0) return false;
  tasks[n].seen = now();
  return true;
}

static unsigned read_results(redisContext *redis, const char *run, Task *tasks, unsigned count) {
  unsigned seen = 0;
  if (redisBufferRead(redis) != REDIS_OK) die("reading from Redis: %s", redis->errstr);
  while (true) {
    redisReply *reply = NULL;
    if (redisGetReplyFromReader(redis, (void **)&reply) != REDIS_OK) die("reading from Redis: %s", redis->errstr);
    if (!reply) return seen;
    seen += note_result(reply, run, tasks, count);
    freeReplyObject(reply);
  }
}

// Publishes on schedule until all tasks are sent and seen, or nothing was heard for `patience` seconds after the last.
static void run_schedule(amqp_connection_state_t broker, redisContext *redis, const char *queue, const char *task,
                         const char *arguments, uint32_t run, Task *tasks, unsigned count, double interval) {
  const double patience = 15;
  char run_text[16], id[ID_LENGTH + 1];
  snprintf(run_text, sizeof run_text, "%08x", run);
  unsigned sent = 0, seen = 0;
  double begun = now(), end = begun + count * interval + patience;
  while (seen < count && now() < end) {
    double due = sent < count ? begun + sent * interval : end;
    double wait = due - now();
    if (wait <= 0 && sent < count) {
      task_id(id, run, sent);
      tasks[sent].sent = now();
      publish_task(broker, queue, task, arguments, id);
      amqp_maybe_release_buffers(broker);
      sent++;
      continue;
    }
    struct pollfd descriptor = {.fd = redis->fd, .events = POLLIN};
    struct timespec timeout = {.tv_sec = (time_t)wait, .tv_nsec = (long)((wait - (double)(time_t)wait) * 1e9)};
    int ready = ppoll(&descriptor, 1, &timeout, NULL);
    if (ready < 0 && errno != EINTR) die("poll: %s", strerror(errno));
    if (ready > 0) seen += read_results(redis, run_text, tasks, count);
  }
}

static int by_size(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

// The value below which the given share of the sorted times lie (nearest rank).
static double percentile(const double *sorted, unsigned count, double share) {
  unsigned rank = (unsigned)(share * count + 0.999999);
  return sorted[rank ? rank - 1 : 0] * 1e6;
}

static void report(const Task *tasks, unsigned warm_up, unsigned count) {
  double *times = calloc(count, sizeof *times);
  if (!times) die("out of memory");
  unsigned seen = 0;
  for (unsigned i = warm_up; i < count; i++)
    if (tasks[i].seen != 0) times[seen++] = tasks[i].seen - tasks[i].sent;
  qsort(times, seen, sizeof *times, by_size);
  printf("{\"sent\": %u, \"seen\": %u", count - warm_up, seen);
  if (seen)
    printf(", \"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"max\": %.1f", percentile(times, seen, 0.50),
           percentile(times, seen, 0.90), percentile(times, seen, 0.99), times[seen - 1] * 1e6);
  puts("}");
  free(times);
}

int main(int count, char **words) {
  const char *queue = NULL, *task = "examples.add", *arguments = "[1, 2]";
  unsigned measured = 1000, warm_up = 50;
  double interval = 0.010;
  uint32_t run = (uint32_t)time(NULL);
  for (int option; (option = getopt(count, words, "q:n:w:i:k:a:r:")) != -1;) switch (option) {
      case 'q': queue = optarg; break;
      case 'n': measured = (unsigned)strtoul(optarg, NULL, 10); break;
      case 'w': warm_up = (unsigned)strtoul(optarg, NULL, 10); break;
      case 'i': interval = atof(optarg) / 1000; break;
      case 'k': task = optarg; break;
      case 'a': arguments = optarg; break;
      case 'r': run = (uint32_t)strtoul(optarg, NULL, 10); break;
      default: return 2;
    }
  if (!queue || !measured || interval <= 0 || optind != count - 2)
    die("usage: latency -q QUEUE [-n N] [-w WARM_UP] [-i INTERVAL_MS] AMQP_PORT REDIS_PORT");

  unsigned total = measured + warm_up;
  Task *tasks = calloc(total, sizeof *tasks);
  if (!tasks) die("out of memory");
  redisContext *redis = subscribe(atoi(words[optind + 1]));
  amqp_connection_state_t broker = connect_broker(atoi(words[optind]));
  run_schedule(broker, redis, queue, task, arguments, run, tasks, total, interval);
  report(tasks, warm_up, total);
  amqp_connection_close(broker, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(broker);
  redisFree(redis);
  free(tasks);
  return 0;
}

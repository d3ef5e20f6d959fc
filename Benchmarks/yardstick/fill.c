// Prefills a queue: publishes N Celery tasks and returns once the broker has confirmed every one of them.
//
//   fill -q QUEUE [-t classic|quorum] -n N [-k TASK] [-a ARGUMENTS] [-r RUN] AMQP_PORT
//
// The queue is declared if need be. Task number i of run R has the id that `task_id` makes of R and i.
#include "celery_amqp.h"
#include <unistd.h>

// Which of the messages are confirmed, by delivery tag (1, 2, ...).
typedef struct {
  bool *done;
  uint64_t count, first_open;  // every tag below first_open is confirmed
} Confirms;

static void confirm(Confirms *confirms, uint64_t tag, bool multiple) {
  for (uint64_t each = multiple ? confirms->first_open : tag; each <= tag; each++) {
    confirms->count += !confirms->done[each];
    confirms->done[each] = true;
  }
  if (multiple && tag >= confirms->first_open) confirms->first_open = tag + 1;
}

// Reads the confirms that have arrived; waits for the first of them at most `wait` seconds.
static void read_confirms(amqp_connection_state_t connection, Confirms *confirms, int wait) {
  struct timeval timeout = {.tv_sec = wait};
  amqp_frame_t frame;
  while (true) {
    int status = amqp_simple_wait_frame_noblock(connection, &frame, &timeout);
    if (status == AMQP_STATUS_TIMEOUT) return;
    check_status(status, "waiting for confirms");
    if (frame.frame_type != AMQP_FRAME_METHOD) continue;
    if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) die("the broker refused a message or closed the channel");
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    confirm(confirms, ack->delivery_tag, ack->multiple);
    amqp_maybe_release_buffers(connection);
    timeout = (struct timeval){0, 0};
  }
}

int main(int count, char **words) {
  const char *queue = NULL, *type = "classic", *task = "examples.add", *arguments = "[1, 2]";
  unsigned tasks = 0;
  uint32_t run = (uint32_t)time(NULL);
  for (int option; (option = getopt(count, words, "q:t:n:k:a:r:")) != -1;) switch (option) {
      case 'q': queue = optarg; break;
      case 't': type = optarg; break;
      case 'n': tasks = (unsigned)strtoul(optarg, NULL, 10); break;
      case 'k': task = optarg; break;
      case 'a': arguments = optarg; break;
      case 'r': run = (uint32_t)strtoul(optarg, NULL, 10); break;
      default: return 2;
    }
  if (!queue || !tasks || optind != count - 1) die("usage: fill -q QUEUE -n N AMQP_PORT (see the top of fill.c)");

  amqp_connection_state_t connection = connect_broker(atoi(words[optind]));
  declare_queue(connection, queue, type);
  amqp_confirm_select(connection, CHANNEL);
  check_reply(amqp_get_rpc_reply(connection), "asking for confirms");

  double begun = now();
  Confirms confirms = {.done = calloc((size_t)tasks + 1, sizeof(bool)), .first_open = 1};
  if (!confirms.done) die("out of memory");
  for (unsigned i = 0; i < tasks; i++) {
    char id[ID_LENGTH + 1];
    task_id(id, run, i);
    publish_task(connection, queue, task, arguments, id);
    if (i % 256 == 255) read_confirms(connection, &confirms, 0);
  }
  while (confirms.count < tasks) {
    uint64_t before = confirms.count;
    read_confirms(connection, &confirms, 30);
    if (confirms.count == before) die("only %llu of %u messages were confirmed", (unsigned long long)before, tasks);
  }
  free(confirms.done);
  printf("published %u tasks in %.2f s\n", tasks, now() - begun);
  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(connection);
  return 0;
}

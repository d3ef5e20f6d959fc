#pragma once
#include <hiredis/hiredis.h>

// Whether the reader waits for the end of a line rather than for the bytes of a string. Swift cannot index the stack of tasks.
static inline int chard_redis_expects_line(const redisReader *reader) {
  if (reader->ridx < 0) return 1;
#if HIREDIS_MAJOR >= 1
  int type = reader->task[reader->ridx]->type;
#else
  int type = reader->rstack[reader->ridx].type;
#endif
  if (type != REDIS_REPLY_STRING) return 1;
  // Of a string: its length line is there once a line break follows within a number's length.
  for (size_t i = reader->pos; i < reader->len && i < reader->pos + 32; i++) {
    if (reader->buf[i] == '\n') return 0;
  }
  return 1;
}

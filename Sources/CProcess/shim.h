#pragma once
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// What a new process is made of. Pointers are used until chard_spawn returns.
struct chard_spawn_request {
  const char *path;
  char *const *arguments;
  char *const *environment;
  const char *directory;       // NULL: the parent's
  const int *descriptors;      // become 0, 1, 2, … of the child; all others are closed in it
  int descriptor_count;
  int ignores_termination;     // SIGTERM and SIGINT, until the child says otherwise
  int outlives_parent;         // otherwise it is killed when the thread that made it ends
  uint64_t memory;             // bytes of address space; 0: no limit
  uint64_t cpu_seconds;        // of CPU time; 0: no limit
  const unsigned long *cpus;   // on which it may run, one bit each; NULL: all that the parent has
  int cpus_size;               // bytes of that
};

// Only system calls. The limits hold for each process that comes of it by itself, and cannot be raised again.
static inline int chard_limit(const struct chard_spawn_request *request) {
  if (request->cpus && syscall(SYS_sched_setaffinity, 0, request->cpus_size, request->cpus) < 0) return -1;
  if (request->cpu_seconds) {
    // SIGXCPU first, then SIGKILL for what does not heed it.
    struct rlimit limit = {request->cpu_seconds, request->cpu_seconds + 2};
    if (setrlimit(RLIMIT_CPU, &limit) < 0) return -1;
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
  }
  if (request->memory) {
    struct rlimit limit = {request->memory, request->memory};
    if (setrlimit(RLIMIT_AS, &limit) < 0) return -1;
  }
  return 0;
}

// The CPUs that this process may run on, one bit each; returns the bytes that were written, or -1.
static inline long chard_cpus(unsigned long *cpus, int size) {
  return syscall(SYS_sched_getaffinity, 0, size, cpus);
}

// close_range came with Linux 5.9.
static inline void chard_close_from(int first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, (unsigned)first, ~0U, 0) == 0) return;
#endif
  for (int descriptor = first; descriptor < 65536; descriptor++) close(descriptor);
}

// Between vfork and exec: only system calls, for all memory is the parent's.
static inline void chard_become(const struct chard_spawn_request *request, pid_t parent) {
  // Sent when the thread that made this process ends. Survives exec.
  if (!request->outlives_parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent) { errno = ESRCH; return; }
  }
  if (setpgid(0, 0) < 0) return;
  struct sigaction action = {0};
  for (int number = 1; number < 65; number++) {
    int ignores = request->ignores_termination && (number == SIGTERM || number == SIGINT);
    action.sa_handler = ignores ? SIG_IGN : SIG_DFL;
    sigaction(number, &action, 0);
  }
  int moved[8];
  for (int i = 0; i < request->descriptor_count; i++) {
    moved[i] = fcntl(request->descriptors[i], F_DUPFD, 16);
    if (moved[i] < 0) return;
  }
  for (int i = 0; i < request->descriptor_count; i++) {
    if (dup2(moved[i], i) < 0) return;
  }
  chard_close_from(request->descriptor_count);
  if (request->directory && chdir(request->directory) < 0) return;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  if (chard_limit(request) < 0) return;
  execve(request->path, request->arguments, request->environment);
}

// posix_spawn cannot ask for the signal at the parent's death, and Swift cannot fork. As in posix_spawn, all signals
// are blocked meanwhile, so that no handler runs in the child. Returns the pid, or the negated errno of what failed.
__attribute__((noinline)) static pid_t chard_spawn(const struct chard_spawn_request *request) {
  if (request->descriptor_count > 8) return -EINVAL;
  pid_t parent = getpid();
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  volatile int failure = 0;
  pid_t pid = vfork();
  if (pid == 0) {
    chard_become(request, parent);
    failure = errno ? errno : EIO;
    _exit(127);
  }
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, 0);
  if (pid < 0) return -error;
  if (failure == 0) return pid;
  int status;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return -failure;
}

// pipe2 is not in Swift's Glibc module.
static inline int chard_pipe(int *ends) {
  extern int pipe2(int[2], int);
  return pipe2(ends, O_CLOEXEC);
}

// A descriptor that can be read when the process has ended; -1 before Linux 5.3.
static inline int chard_pidfd(pid_t pid) {
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, pid, 0);
#else
  return -1;
#endif
}

// Blocks until the process has ended, and leaves it to be waited for.
static inline void chard_await_end(pid_t pid) {
  siginfo_t info;
  while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {}
}

// WIFEXITED and its like are macros that Swift cannot call.
static inline int chard_exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
static inline int chard_exit_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

// Dies with the parent from here on; set again, for a program may have been started otherwise.
static inline void chard_die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

static void chard_ignore(int number) { (void)number; }
// A handler that does nothing, unlike SIG_IGN, is not passed on to programs that the process starts.
static inline void chard_disregard(int number) {
  struct sigaction action = {0};
  action.sa_handler = chard_ignore;
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, 0);
}
static inline void chard_set_default(int number) {
  struct sigaction action = {0};
  action.sa_handler = SIG_DFL;
  sigaction(number, &action, 0);
}
// Keeps a write to a pipe without a reader from ending the process; for the calling thread.
static inline void chard_block_sigpipe(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, 0);
}

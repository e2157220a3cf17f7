// The floor: the kernel calls of an isolated container, and nothing else.
//
// What a runtime does beyond this (reading a configuration, deciding, recording, cleaning up after others) is its own cost; what
// stands here nobody can leave out. usage: floor ROOT GROUP, where ROOT has /bin/true and GROUP is a name that is free.
//
// New mount, pid, uts, ipc, net and cgroup namespaces; proc, dev, devpts, shm, mqueue, sysfs; six device nodes; masked and
// read-only paths; pivot_root; capabilities; a control group with limits in three hierarchies of v1 (or one of v2), made and
// removed; /bin/true executed and waited for.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int result, const char *what) {
  if (result < 0) {
    perror(what);
    _exit(125);
  }
}

static void write_file(const char *directory, const char *file, const char *value) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", directory, file);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  check(fd, path);
  check(write(fd, value, strlen(value)), path);
  close(fd);
}

static const char *const masked[] = {"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware"};
static const char *const read_only[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"};
static const struct { const char *path; int major, minor; } nodes[] = {
    {"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7}, {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};

static void child(const char *root, const int *tasks, int count) {
  // Writing 0 moves this thread alone, which needs none of the kernel's global locks.
  for (int i = 0; i < count; i++) check((int)write(tasks[i], "0", 1), "tasks");
  check(unshare(CLONE_NEWCGROUP), "unshare");
  check(mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL), "slave");
  check(mount(root, root, NULL, MS_BIND | MS_REC, NULL), "bind");
  check(chdir(root), "chdir");
  check(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "proc");
  check(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"), "dev");
  mkdir("dev/pts", 0755);
  mkdir("dev/shm", 01777);
  mkdir("dev/mqueue", 0755);
  check(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"), "devpts");
  check(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=65536k"), "shm");
  check(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mqueue");
  check(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL), "sysfs");
  umask(0);
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
    check(mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)), "mknod");
  check(symlink("/proc/self/fd", "dev/fd"), "symlink");
  check(symlink("/proc/self/fd/0", "dev/stdin"), "symlink");
  check(symlink("/proc/self/fd/1", "dev/stdout"), "symlink");
  check(symlink("/proc/self/fd/2", "dev/stderr"), "symlink");
  check(symlink("pts/ptmx", "dev/ptmx"), "symlink");
  check(sethostname("floor", 5), "sethostname");
  check((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
  check(umount2(".", MNT_DETACH), "umount");
  check(chdir("/"), "chdir");
  for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++)
    if (mount(read_only[i], read_only[i], NULL, MS_BIND | MS_REC, NULL) == 0)
      check(mount(NULL, read_only[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), "read-only");
  for (size_t i = 0; i < sizeof masked / sizeof *masked; i++) {
    struct stat status;
    if (stat(masked[i], &status) < 0) continue;
    if (S_ISDIR(status.st_mode)) check(mount("tmpfs", masked[i], "tmpfs", MS_RDONLY, "size=0k"), "mask");
    else check(mount("/dev/null", masked[i], NULL, MS_BIND, NULL), "mask");
  }
  check(mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), "read-only root");
  const unsigned long long keep = 1ULL << CAP_KILL | 1ULL << CAP_AUDIT_WRITE | 1ULL << CAP_NET_BIND_SERVICE;
  for (int i = 0; i <= 40; i++)
    if (!(keep >> i & 1)) prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2] = {{(unsigned)keep, (unsigned)keep, 0}, {0, 0, 0}};
  check((int)syscall(SYS_capset, &header, sets), "capset");
  check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  char *const arguments[] = {"/bin/true", NULL}, *const environment[] = {"PATH=/bin", NULL};
  execve("/bin/true", arguments, environment);
  check(-1, "execve");
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: floor ROOT GROUP\n"), 2;
  char groups[3][300];
  int tasks[3], count = 0, unified = -1;
  struct stat status;
  const int v2 = stat("/sys/fs/cgroup/cgroup.controllers", &status) == 0;
  static const struct { const char *hierarchy, *file, *value; } limits[] = {
      {"memory", "memory.limit_in_bytes", "268435456"}, {"pids", "pids.max", "100"}, {"cpu", "cpu.shares", "512"}};
  if (v2) {
    snprintf(groups[0], sizeof *groups, "/sys/fs/cgroup/%s", argv[2]);
    check(mkdir(groups[0], 0755), groups[0]);
    write_file(groups[0], "memory.max", "268435456");
    write_file(groups[0], "pids.max", "100");
    unified = open(groups[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
    check(unified, groups[0]);
  } else {
    for (; count < 3; count++) {
      char path[400];
      snprintf(groups[count], sizeof *groups, "/sys/fs/cgroup/%s/%s", limits[count].hierarchy, argv[2]);
      check(mkdir(groups[count], 0755), groups[count]);
      write_file(groups[count], limits[count].file, limits[count].value);
      snprintf(path, sizeof path, "%s/tasks", groups[count]);
      tasks[count] = open(path, O_WRONLY | O_CLOEXEC);
      check(tasks[count], path);
    }
  }
  struct clone_args arguments = {0};
  arguments.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET;
  arguments.exit_signal = SIGCHLD;
  if (v2) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = (unsigned)unified;
  }
  const int pid = (int)syscall(SYS_clone3, &arguments, sizeof arguments);
  check(pid, "clone3");
  if (pid == 0) child(argv[1], tasks, count);
  int ended;
  check(waitpid(pid, &ended, 0), "waitpid");
  for (int i = 0; i < (v2 ? 1 : 3); i++)
    while (rmdir(groups[i]) < 0 && errno == EBUSY) usleep(10);
  return WIFEXITED(ended) ? WEXITSTATUS(ended) : 1;
}

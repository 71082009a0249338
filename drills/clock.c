/* The clock of the day, off by the seconds that the file $DRILL_CLOCK holds, for a whole process: Python,
   librdkafka, SQLite. Preloaded by drills/shifted.py. The monotonic clocks stay as they are, and so does the length of a
   wait that is given as a time of day: the kernel, which ends it, has the true clock. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS 50000000LL
#define SECOND_NS 1000000000LL
/* A time of day has more seconds than any machine has run. */
#define A_DATE_S 1000000000

static _Atomic long long look_at, shift_ns;

static void look(void)
{
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    long long at = now.tv_sec * SECOND_NS + now.tv_nsec, due = atomic_load(&look_at);
    if (at < due || !atomic_compare_exchange_strong(&look_at, &due, at + LOOK_NS))
        return;
    const char *path = getenv("DRILL_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    char text[64];
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0)
        close(file);
    if (length > 0) {
        text[length] = 0;
        atomic_store(&shift_ns, (long long)(strtod(text, NULL) * SECOND_NS));
    }
}

int clock_gettime(clockid_t id, struct timespec *told)
{
    int result = syscall(SYS_clock_gettime, id, told);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        look();
        long long at = told->tv_sec * SECOND_NS + told->tv_nsec + atomic_load(&shift_ns);
        told->tv_sec = at / SECOND_NS;
        told->tv_nsec = at % SECOND_NS;
    }
    return result;
}

int gettimeofday(struct timeval *told, void *zone)
{
    (void)zone;
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    told->tv_sec = at.tv_sec;
    told->tv_usec = at.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *told)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    if (told)
        *told = at.tv_sec;
    return at.tv_sec;
}

static struct timespec truly(const struct timespec *until)
{
    struct timespec at = *until;
    if (at.tv_sec > A_DATE_S) {
        long long ns = at.tv_sec * SECOND_NS + at.tv_nsec - atomic_load(&shift_ns);
        at.tv_sec = ns / SECOND_NS;
        at.tv_nsec = ns % SECOND_NS;
    }
    return at;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until)
{
    int (*wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *) = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    struct timespec at = truly(until);
    return wait(condition, mutex, &at);
}

int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until)
{
    int (*wait)(cnd_t *, mtx_t *, const struct timespec *) = dlsym(RTLD_NEXT, "cnd_timedwait");
    struct timespec at = truly(until);
    return wait(condition, mutex, &at);
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until)
{
    int (*wait)(sem_t *, const struct timespec *) = dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec at = truly(until);
    return wait(semaphore, &at);
}

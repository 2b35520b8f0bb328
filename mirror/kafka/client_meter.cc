#include "mirror/kafka/client_meter.h"

#include <pthread.h>

#include <algorithm>
#include <ctime>
#include <mutex>
#include <vector>

namespace longspan::kafka {
namespace {

struct Thread {
  std::uint64_t number = 0;  // never twice: an id may come back with another thread
  pthread_t id{};
  clockid_t clock{};
};
struct Watched {
  std::vector<Thread> threads;
  std::map<std::int32_t, std::chrono::nanoseconds> throttled;
};
// Of all clients. A client that is left behind has threads until the process ends, so it is never
// destroyed; what ended is not in it.
struct Registry {
  std::mutex mutex;
  std::map<const rd_kafka_t*, Watched> clients;  // protected by mutex
  std::uint64_t threads_begun = 0;
};
Registry& registry() {
  static Registry& all = *new Registry();
  return all;
}

// In the thread that begins.
rd_kafka_resp_err_t on_thread_start(rd_kafka_t* client, rd_kafka_thread_type_t, const char*,
                                    void*) {
  Thread thread;
  thread.id = pthread_self();
  if (pthread_getcpuclockid(thread.id, &thread.clock) != 0) return RD_KAFKA_RESP_ERR_NO_ERROR;
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  thread.number = ++all.threads_begun;
  all.clients[client].threads.push_back(thread);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// In the thread that ends.
rd_kafka_resp_err_t on_thread_exit(rd_kafka_t* client, rd_kafka_thread_type_t, const char*, void*) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto found = all.clients.find(client);
  if (found == all.clients.end()) return RD_KAFKA_RESP_ERR_NO_ERROR;
  std::erase_if(found->second.threads,
                [](const Thread& thread) { return pthread_equal(thread.id, pthread_self()) != 0; });
  if (found->second.threads.empty()) all.clients.erase(found);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void*, char*, std::size_t) {
  rd_kafka_interceptor_add_on_thread_start(client, "longspan", on_thread_start, nullptr);
  rd_kafka_interceptor_add_on_thread_exit(client, "longspan", on_thread_exit, nullptr);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// In our own thread, when the client's queue is polled.
void on_throttle(rd_kafka_t* client, const char*, std::int32_t broker, int throttle_ms, void*) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto found = all.clients.find(client);
  if (found == all.clients.end()) return;
  found->second.throttled[broker] += std::chrono::milliseconds(throttle_ms);
}

ClientMeter::Totals totals_of(const rd_kafka_t* client) {
  ClientMeter::Totals out;
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);  // so that no thread ends while its clock is read
  const auto found = all.clients.find(client);
  if (found == all.clients.end()) return out;
  out.throttled = found->second.throttled;
  for (const Thread& thread : found->second.threads) {
    timespec spent{};
    if (clock_gettime(thread.clock, &spent) != 0) continue;
    out.cpu[thread.number] =
        std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
  }
  return out;
}

// The most that one of them grew.
template <class Map>
std::chrono::nanoseconds most_grown(const Map& before, const Map& now) {
  std::chrono::nanoseconds most{0};
  for (const auto& [key, total] : now) {
    const auto found = before.find(key);
    most = std::max(most,
                    total - (found == before.end() ? std::chrono::nanoseconds{0} : found->second));
  }
  return most;
}

}  // namespace

void watch_client(rd_kafka_conf_t* conf) {
  rd_kafka_conf_interceptor_add_on_new(conf, "longspan", on_new, nullptr);
  rd_kafka_conf_set_throttle_cb(conf, on_throttle);
}

ClientLoad ClientMeter::load(Steady now) {
  if (begun_at_ && now - *begun_at_ < kLoadWindow) return load_;
  Totals totals = totals_of(client_);
  if (begun_at_) {
    const std::chrono::duration<double> took = now - *begun_at_;
    const auto ratio = [&took](std::chrono::duration<double> part) { return part / took; };
    load_.cpu_ratio.reset();
    if (!totals.cpu.empty()) load_.cpu_ratio = ratio(most_grown(begun_.cpu, totals.cpu));
    load_.throttle_ratio = ratio(most_grown(begun_.throttled, totals.throttled));
  }
  begun_at_ = now;
  begun_ = std::move(totals);
  return load_;
}

}  // namespace longspan::kafka

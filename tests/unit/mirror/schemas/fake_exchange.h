// tests/unit/mirror/schemas/fake_exchange.h - a registry that answers what a test wrote down, and
// a time that only pauses move.
//
//   Fakes fakes;
//   fakes.answers({{200, "[]"}});          // the next ones, in order
//   RegistryRequests requests(settings, fakes.ports(), {});
//   EXPECT_EQ(fakes.requests[0].url, ...);
//
// Threads: any; answers are given out in the order of the requests.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mirror/schemas/registry_requests.h"

namespace longspan {

using Sent = Result<HttpResponse, HttpFailure>;

inline HttpFailure lost(std::string message = "connection refused") {
  return {HttpFailure::Kind::network, std::move(message)};
}

// What the fakes share with the test; outlives the client.
struct Fakes {
  std::mutex mutex;  // for requests and to_come
  std::vector<HttpRequest> requests;
  std::deque<Sent> to_come;
  std::function<Sent(const HttpRequest&)> answer;  // when nothing is written down
  Timing::Steady steady{std::chrono::hours(1)};
  Timing::Wall wall{std::chrono::seconds(1'700'000'000)};  // Tue, 14 Nov 2023 22:13:20 GMT
  double fraction = 0.5;
  std::vector<std::chrono::milliseconds> pauses;
  std::function<void()> on_pause;

  void answers(std::vector<Sent> next) { to_come.assign(next.begin(), next.end()); }
  [[nodiscard]] RegistryPorts ports();
  [[nodiscard]] std::string line(std::size_t at) const {  // "GET https://..."
    return at < requests.size() ? requests[at].method + " " + requests[at].url : "no such request";
  }
  // Empty: no such header.
  [[nodiscard]] std::string header(std::size_t at, const std::string& name) const {
    for (const HttpHeader& each : requests.at(at).headers) {
      if (each.name == name) return each.value;
    }
    return {};
  }
};

class FakeExchange final : public Exchange {
 public:
  explicit FakeExchange(Fakes& fakes) : fakes_(fakes) {}

  Sent send(const HttpRequest& request) override {
    const std::scoped_lock lock(fakes_.mutex);
    fakes_.requests.push_back(request);
    if (!fakes_.to_come.empty()) {
      Sent next = std::move(fakes_.to_come.front());
      fakes_.to_come.pop_front();
      return next;
    }
    return fakes_.answer ? fakes_.answer(request) : Sent(lost("nothing more was written down"));
  }

 private:
  Fakes& fakes_;
};

class FakeTiming final : public Timing {
 public:
  explicit FakeTiming(Fakes& fakes) : fakes_(fakes) {}

  [[nodiscard]] Steady steady() const override { return fakes_.steady; }
  [[nodiscard]] Wall wall() const override { return fakes_.wall; }
  double fraction() override { return fakes_.fraction; }
  void pause(std::chrono::milliseconds how_long, const std::stop_token&) override {
    fakes_.pauses.push_back(how_long);
    fakes_.steady += how_long;
    fakes_.wall += how_long;
    if (fakes_.on_pause) fakes_.on_pause();
  }

 private:
  Fakes& fakes_;
};

inline RegistryPorts Fakes::ports() {
  return {std::make_unique<FakeExchange>(*this), std::make_unique<FakeTiming>(*this)};
}

}  // namespace longspan

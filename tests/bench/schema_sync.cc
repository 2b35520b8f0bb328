// What `bench schemas` runs beside `longspan schemas sync`, sixteen requests at once:
//   schema_sync WORK --source URL --target URL [--subjects 10000] [--versions 3] [--ticks 100]
//
// - fill: the source gets its schemas.
// - bare: what a script does: lists subjects and versions, reads each version, puts each subject
//   into IMPORT, imports each version. Believes every answer.
// - lists: the same by a registry's lists of schemas, 200 at once, where it has them.
// - blind: the requests that our own sync sends, as many and in the same order by subject, from
//   bodies that are there; nobody looks at an answer's body.
// - sync: our own, in this process, for its requests and for a profiler.
// - duty: one full comparison, then `ticks` turns in which nothing happens, then one new version.
//
// Prints one JSON object: seconds, requests to each side, and of duty its memory.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "mirror/schemas/duty.h"
#include "mirror/schemas/registry_bodies.h"
#include "mirror/schemas/schema_listing.h"
#include "mirror/schemas/workers.h"
#include "tests/bench/arguments.h"
#include "tests/bench/schema_load.h"

namespace longspan::bench {
namespace {

using std::chrono::steady_clock;

template <class T>
T must(RegistryResult<T> answer) {
  if (!answer) throw std::runtime_error(answer.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*answer);
}

class RealClock final : public Clock {
 public:
  [[nodiscard]] TimestampMs now() const override {
    return {std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count()};
  }
  [[nodiscard]] Steady steady() const override { return steady_clock::now(); }
};

std::int64_t status_kb(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    std::int64_t kb = 0;
    if (word == name + ":" && file >> kb) return kb;
  }
  return 0;
}

class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : arguments_(arguments),
        load_{static_cast<int>(arguments.number("subjects", 10'000)),
              static_cast<int>(arguments.number("versions", 3))},
        source_(client_of(arguments.text("source"), asked_source_)),
        target_(client_of(arguments.text("target"), asked_target_)) {}

  void run(const std::string& work) {
    const auto begun = steady_clock::now();
    if (work == "fill") {
      fill();
    } else if (work == "bare") {
      bare();
    } else if (work == "lists") {
      by_lists();
    } else if (work == "blind") {
      blind();
    } else if (work == "sync") {
      sync();
    } else if (work == "duty") {
      duty();
    } else {
      throw std::runtime_error("no such work: " + work);
    }
    const std::chrono::duration<double> took = steady_clock::now() - begun;
    std::cout << R"({"seconds":)" << took.count() << R"(,"source":)" << asked_source_
              << R"(,"target":)" << asked_target_ << R"(,"peak_kb":)" << status_kb("VmHWM") << more_
              << "}\n";
  }

 private:
  void at_once(const std::function<void(int)>& work) const {
    for_each_at_once(static_cast<std::size_t>(load_.subjects), kRequestsAtOnce,
                     [&](std::size_t i) { work(static_cast<int>(i)); });
  }

  void fill() {
    must(source_->set_mode({}, "IMPORT"));
    at_once([this](int subject) {
      for (int version = 1; version <= load_.versions; ++version) {
        must(source_->import_schema(version_of(load_, subject, version)));
      }
    });
    must(source_->set_mode({}, "READWRITE"));
  }

  void bare() {
    const auto subjects = must(source_->subjects(true));
    at_once([&](int i) {
      const Subject& subject = subjects.at(static_cast<std::size_t>(i));
      const auto versions = must(source_->versions(subject, true));
      must(target_->set_mode(subject, "IMPORT"));
      for (const auto version : versions) {
        must(target_->import_schema(*must(source_->version({subject, version}))));
      }
    });
  }

  void by_lists() {
    const std::size_t all = static_cast<std::size_t>(load_.subjects * load_.versions);
    for_each_at_once(all / kListedAtOnce + 1, kRequestsAtOnce, [&](std::size_t i) {
      Subject subject;  // whose mode is set; of one on two pages twice
      for (const auto& each : must(source_->listed({i * kListedAtOnce, kListedAtOnce}))) {
        if (subject != each.what.subject) must(target_->set_mode(each.what.subject, "IMPORT"));
        subject = each.what.subject;
        must(target_->import_schema(each.what));
      }
    });
  }

  void blind() {
    list_blindly(*source_);
    at_once([this](int i) {
      const Subject subject = subject_of(i);
      const std::string mode = "/mode/" + subject.text();
      send(*source_, "GET", "/config/" + subject.text());
      send(*target_, "PUT", mode + "?force=true", R"({"mode":"IMPORT"})");
      send(*target_, "GET", mode);
      for (int version = 1; version <= load_.versions; ++version) {
        const auto what = version_of(load_, i, version);
        send(*target_, "POST", "/subjects/" + subject.text() + "/versions?normalize=false",
             *write_import(what));
      }
    });
    list_blindly(*target_);
  }

  void list_blindly(RegistryClient& registry) const {
    const std::size_t all = static_cast<std::size_t>(load_.subjects * load_.versions);
    for_each_at_once(all / (kListedAtOnce - 1) + 1, kPagesAtOnce, [&](std::size_t i) {
      send(registry, "GET",
           "/schemas?subjectPrefix=%3A%2A%3A&deleted=true&offset=" +
               std::to_string(i * (kListedAtOnce - 1)) + "&limit=" + std::to_string(kListedAtOnce));
    });
  }

  static void send(RegistryClient& registry, std::string_view method, const std::string& path,
                   const std::string& body = {}) {
    const auto answer = must(registry.requests().send(method, path, body));
    const bool is_fine = answer.is_success() || path.starts_with("/config/");
    if (!is_fine) throw std::runtime_error(answer.where + ": " + answer.body);
  }

  void sync() {
    const auto every = [](const Subject&) { return true; };
    auto source = must(read_inventory({.registry = *source_, .wants = every, .with_modes = false}));
    auto target = must(read_inventory({.registry = *target_, .wants = every}));
    const auto same = [](const Subject& subject) { return subject; };
    const auto plan = make_plan(source, target, {same});
    source = {};
    target = {};
    const auto outcome = run_sync({.target = *target_}, plan);
    if (!outcome.is_whole()) throw std::runtime_error("differences are left");
  }

  void duty() {
    const RealClock clock;
    SubjectConfig config;
    config.subjects = *NamePatterns::make({".*"}, "schema.subjects");
    config.contexts = *NamePatterns::make({".*"}, "schema.contexts");
    config.rename = SubjectRename::none;
    const std::string url = arguments_.text("source");
    SchemaDuty duty({config, Naming(), TopicFilter()}, std::move(source_), std::move(target_),
                    clock, {}, [](const SchemaStatus&) {});
    duty.set_duty(true);
    turn(duty);
    const auto after_full = asked();
    std::vector<std::size_t> turns;
    for (std::int64_t i = 0; i < arguments_.number("ticks", 100); ++i) turns.push_back(turn(duty));
    std::size_t most = 0;
    for (const auto each : turns) most = std::max(most, each);
    std::atomic<std::size_t> others = 0;
    const auto writer = client_of(url, others);
    must(writer->set_mode(subject_of(0), "IMPORT"));
    auto added = version_of(load_, 0, load_.versions + 1);
    added.id = load_.subjects * load_.versions + 1;
    must(writer->import_schema(added));
    std::size_t to_new = 0;
    const auto imported = duty.status().imported_total;
    // A tick may look at the target instead.
    for (int i = 0; i < 2 && duty.status().imported_total == imported; ++i) to_new = turn(duty);
    more_ = R"(,"full":)" + std::to_string(after_full) + R"(,"first_tick":)" +
            std::to_string(turns.at(0)) + R"(,"ticks":)" + std::to_string(turns.size()) +
            R"(,"of_all_ticks":)" + std::to_string(total(turns)) + R"(,"most_of_one":)" +
            std::to_string(most) + R"(,"new_version":)" + std::to_string(to_new) +
            R"(,"held_kb":)" + std::to_string(status_kb("VmRSS"));
  }

  std::size_t turn(SchemaDuty& duty) {
    const auto before = asked();
    duty.turn({});
    if (duty.status().trouble) throw std::runtime_error(*duty.status().trouble);
    return asked() - before;
  }

  static std::size_t total(const std::vector<std::size_t>& turns) {
    std::size_t sum = 0;
    for (const auto each : turns) sum += each;
    return sum;
  }

  [[nodiscard]] std::size_t asked() const { return asked_source_ + asked_target_; }

  const Arguments& arguments_;
  const SchemaLoad load_;
  std::atomic<std::size_t> asked_source_ = 0;
  std::atomic<std::size_t> asked_target_ = 0;
  std::unique_ptr<RegistryClient> source_;
  std::unique_ptr<RegistryClient> target_;
  std::string more_;
};

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "schema_sync fill|bare|lists|blind|sync|duty --source URL --target URL\n";
    return 2;
  }
  try {
    longspan::bench::Bench(longspan::bench::Arguments(argc - 1, argv + 1)).run(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << "schema_sync: " << error.what() << "\n";
    return 1;
  }
}

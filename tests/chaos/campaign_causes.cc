// What lasts, and whether the flow says so first.
#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "tests/broker/harness/eventually.h"
#include "tests/chaos/campaign.h"
#include "tests/chaos/clock_text.h"

namespace longspan::chaos {
namespace {

using std::chrono::steady_clock;

// What a lost writer left open ends within 30 s, and what lies behind it is then to be copied.
constexpr std::chrono::seconds kCalmWithin{90};

std::string seconds_text(steady_clock::duration time) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << std::chrono::duration<double>(time).count() << " s";
  return text.str();
}

}  // namespace

// Empty: the flow is calm, by each process and by the clusters.
std::vector<Said> Campaign::say_anything_but_calm() {
  std::vector<Said> all = ask_processes(*mirrors_);
  std::erase_if(all, [](const Said& said) { return said.is_calm(); });
  if (!all.empty()) return all;
  Said clusters = ask_clusters(file_);
  // They do not know of open transactions: they may say nothing.
  const bool is_calm = clusters.trouble.empty() && (clusters.why.empty() || clusters.is_calm());
  return is_calm ? all : std::vector{std::move(clusters)};
}

// As in the end: where waiting does not help, what an operator does about what is said.
bool Campaign::become_calm(const std::string& when) {
  const auto begin = steady_clock::now();
  std::vector<Said> last;
  const auto is_calm = [&] {
    last = say_anything_but_calm();
    return last.empty();
  };
  bool is_reached = harness::eventually(kCalmWithin, is_calm);
  if (!is_reached) {
    std::cout << clock_text() << " not calm in 90 s:" << text_of(last) << std::endl;
    end_hanging_transactions();
    resume_blamed();
    is_reached = harness::eventually(kCalmWithin, is_calm);
  }
  if (!is_reached) {
    account_.faults.push_back("why: " + when + " the flow is not calm in " +
                              seconds_text(steady_clock::now() - begin) + ":" + text_of(last));
  } else {
    std::cout << clock_text() << " calm " << when << ", after "
              << seconds_text(steady_clock::now() - begin) << std::endl;
  }
  return is_reached;
}

void Campaign::do_cause(const CauseRow& row) {
  const std::string name(row.name);
  Stage stage = this->stage();
  std::cout << clock_text() << " " << name << ": " << std::flush;
  row.begin(stage);
  const auto begin = steady_clock::now();
  std::vector<Said> last;
  const bool is_named = harness::eventually(kCauseWithin, [&] {
    last = ask_witnesses(row, stage);
    return is_named_first(row, last);
  });
  const std::string took = seconds_text(steady_clock::now() - begin);
  row.end(stage);
  ++account_.done[name];
  const std::string cause = "cause " + std::string(row.cause);
  if (is_named) {
    account_.causes.push_back(cause + ": first after " + took + " of " + name);
    std::cout << cause << ": first after " << took << std::endl;
  } else {
    account_.faults.push_back("why: " + name + " lasts, and " + cause + " is not first after " +
                              took + ":" + text_of(last));
    std::cout << cause << ": NOT FIRST after " << took << text_of(last) << std::endl;
  }
  mirrors_->look_after();
}

void Campaign::do_causes(const std::atomic<bool>& stopped) {
  const auto dealt = deal_causes(plan_.seed, plan_.length, plan_.only);
  const auto end = steady_clock::now() + plan_.length;
  bool is_again = !dealt.empty() && become_calm("before what lasts");
  while (is_again && !stopped) {
    for (const CauseRow* row : dealt) {
      if (stopped) return;
      do_cause(*row);
      if (!become_calm("after " + std::string(row->name))) return;
    }
    is_again = !plan_.only.empty() && steady_clock::now() < end;
  }
}

}  // namespace longspan::chaos

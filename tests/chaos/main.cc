// chaos [--minutes M | --seconds S] [--seed N] [--mode at_least_once|exactly_once] [--fault NAME]
//       [--folder DIR]
//
// Exit codes: 0 nothing lost silently, order kept, every second copy named, none in exactly_once,
// and the cause of what lasts named first; 1 not so, with the seed, the faults and the events; 2
// wrong arguments; 77 Kafka cannot be had.

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>

#include "tests/broker/harness/process.h"
#include "tests/chaos/campaign.h"

namespace longspan::chaos {
namespace {

std::atomic<bool> interrupted{false};

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

uint64_t number(const std::string& name, const std::string& value) {
  if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos) {
    throw UsageError(name + " " + value + " is not a number");
  }
  return std::stoull(value);
}

CampaignPlan plan_of(int argc, char** argv) {
  CampaignPlan plan{.folder = std::filesystem::temp_directory_path() /
                              ("longspan-chaos-" + std::to_string(getuid()))};
  const char* seed = std::getenv("LONGSPAN_SEED");
  plan.seed = seed != nullptr ? number("LONGSPAN_SEED", seed) : std::random_device{}();
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--minutes") {
      plan.length = std::chrono::minutes(number(name, value));
    } else if (name == "--seconds") {
      plan.length = std::chrono::seconds(number(name, value));
    } else if (name == "--seed") {
      plan.seed = number(name, value);
    } else if (name == "--fault") {
      plan.only = value;
    } else if (name == "--folder") {
      plan.folder = value;
    } else if (name != "--mode") {
      throw UsageError("unknown option " + name);
    } else if (value == "exactly_once") {
      plan.is_exactly_once = true;
    } else if (value != "at_least_once") {
      throw UsageError("--mode " + value + " is neither at_least_once nor exactly_once");
    }
  }
  if (argc % 2 == 0) throw UsageError("an option has no value");
  if (plan.length.count() < 10) throw UsageError("less than 10 seconds prove nothing");
  plan.folder = std::filesystem::absolute(plan.folder);
  return plan;
}

// A build meanwhile must not change the program under test.
void keep_program(const std::filesystem::path& folder) {
  const auto kept = folder / "longspan";
  std::filesystem::copy_file(harness::longspan_program(), kept,
                             std::filesystem::copy_options::overwrite_existing);
  setenv("LONGSPAN_PROGRAM", kept.c_str(), 1);
}

void require_open(const std::FILE* file) {
  harness::require(file != nullptr, "cannot write the clients' log");
}

void print(const Account& account) {
  std::cout << "\nfaults done:\n";
  for (const auto& [name, count] : account.done) std::cout << "  " << name << " " << count << "\n";
  std::cout << "events:\n";
  for (const auto& [name, count] : account.events)
    std::cout << "  " << name << " " << count << "\n";
  std::cout << "causes named first:\n";
  for (const std::string& cause : account.causes) std::cout << "  " << cause << "\n";
  std::cout << "records written " << account.written << ", compared " << account.records
            << ", second copies " << account.twice << ", twice at the source " << account.doubled
            << ", writers lost " << account.writers_lost << ", hanging transactions ended "
            << account.hanging << ", blamed partitions resumed " << account.blamed << "\n";
}

void print_faults(const CampaignPlan& plan, const Account& account) {
  std::cout << "\nFAILED, LONGSPAN_SEED=" << plan.seed << ", files in " << plan.folder.string()
            << ":\n";
  for (const std::string& fault : account.faults) std::cout << "- " << fault << "\n";
}

int run(const CampaignPlan& plan) {
  std::cout << "LONGSPAN_SEED=" << plan.seed << " for " << plan.length.count() << " s, files in "
            << plan.folder.string() << std::endl;
  std::filesystem::remove_all(plan.folder / "mirrors");
  std::filesystem::create_directories(plan.folder / "mirrors");
  keep_program(plan.folder);
  // Our own clients' complaints about dead brokers would bury the report.
  require_open(std::freopen((plan.folder / "clients.log").c_str(), "w", stderr));
  Campaign campaign(plan);
  campaign.do_faults(interrupted);
  campaign.do_causes(interrupted);
  const Account account = campaign.settle();
  print(account);
  if (account.faults.empty()) {
    std::cout << "PASSED\n";
    return 0;
  }
  print_faults(plan, account);
  std::cout << "\nevents:\n" << account.event_log;
  print_faults(plan, account);  // whoever is given a part of this has them
  return 1;
}

}  // namespace
}  // namespace longspan::chaos

int main(int argc, char** argv) {
  using namespace longspan;
  signal(SIGPIPE, SIG_IGN);
  for (const int number : {SIGINT, SIGTERM}) signal(number, [](int) { chaos::interrupted = true; });
  try {
    return chaos::run(chaos::plan_of(argc, argv));
  } catch (const chaos::UsageError& error) {
    std::cerr << "chaos: " << error.what() << "\n";
    return 2;
  } catch (const chaos::NoKafka& error) {
    std::cout << error.what() << "\n";
    return 77;
  } catch (const std::exception& error) {
    std::cout << "chaos: the run is broken: " << error.what() << "\n";
    return 1;
  }
}

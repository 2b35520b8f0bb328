// A /metrics page whose numbers are known: of the snapshot in which every member has a value.
// page_server: prints its URL, and serves until its input ends. The line "shrink" takes away the
// first flow.

#include <iostream>
#include <memory>
#include <mutex>
#include <string>

#include "cli/http/http_server.h"
#include "tests/unit/cli/views/rich_figures.h"
#include "tests/unit/cli/views/rich_snapshot.h"

namespace longspan {
namespace {

class Shown {
 public:
  [[nodiscard]] ProcessSnapshot get() const {
    const std::lock_guard lock(mutex_);
    return shown_;
  }
  void shrink() {
    const std::lock_guard lock(mutex_);
    shown_.flows.erase(shown_.flows.begin());
  }

 private:
  mutable std::mutex mutex_;
  ProcessSnapshot shown_ = rich_snapshot();
};

ProcessFigures fixed_figures() {
  ProcessFigures figures = rich_figures();
  figures.at = TimestampMs{1'700'000'000'000};
  return figures;
}

int serve() {
  Shown shown;
  HttpViews views;
  views.snapshot = [&shown] { return shown.get(); };
  views.figures = fixed_figures;
  const auto server = HttpServer::start("127.0.0.1:0", views);
  if (!server) {
    std::cerr << server.error().text() << '\n';
    return 1;
  }
  std::cout << (*server)->url() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "shrink") shown.shrink();
  }
  return 0;
}

}  // namespace
}  // namespace longspan

int main() { return longspan::serve(); }

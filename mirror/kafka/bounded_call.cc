#include "mirror/kafka/bounded_call.h"

#include <future>
#include <system_error>
#include <thread>
#include <utility>

namespace longspan {

bool ends_within(std::chrono::milliseconds bound, std::function<void()> call) {
  std::packaged_task<void()> task(call);
  const std::future<void> end = task.get_future();
  try {
    std::thread(std::move(task)).detach();
  } catch (const std::system_error&) {
    call();
    return true;
  }
  return end.wait_for(bound) == std::future_status::ready;
}

}  // namespace longspan

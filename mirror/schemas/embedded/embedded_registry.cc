#include "mirror/schemas/embedded/embedded_registry.h"

#include <exception>
#include <mutex>
#include <optional>

#include "mirror/schemas/embedded/routes.h"

namespace longspan::embedded {
namespace {

constexpr std::chrono::seconds kRetryAfter{1};
constexpr int kFine = 200;
constexpr int kNotFine = 300;

// What a fault answers in place of the call.
std::optional<Answer> answered_by_fault(Faults& faults, Effect effect) {
  if (effect == Effect::control) return std::nullopt;
  if (faults.hits(Fault::too_many_requests)) {
    Answer answer = plain_error(429, "Too Many Requests");
    answer.retry_after = kRetryAfter;
    return answer;
  }
  if (faults.hits(Fault::unavailable)) return plain_error(503, "Service Unavailable");
  if (effect == Effect::change && faults.is_on(Fault::follower)) {
    return error_answer(ErrorCode::forwarding, "Error while forwarding the request to the leader");
  }
  return std::nullopt;
}

Answer run(RegistryState& state, const Request& request, Routed routed) {
  if (is_nested_too_deeply(request.body)) return plain_error(400, "the body is nested too deeply");
  const Route& route = *routed.route;
  try {
    return route.run(state, Call{request, std::move(routed.words), std::move(routed.query)});
  } catch (const std::exception& failure) {
    // Bodies are looked at before anything is changed, so nothing was.
    return plain_error(400, failure.what());
  }
}

}  // namespace

struct EmbeddedRegistry::Guarded {
  std::mutex mutex;
  RegistryState state;  // guarded by mutex
};

EmbeddedRegistry::EmbeddedRegistry() : guarded_(std::make_unique<Guarded>()) {}
EmbeddedRegistry::~EmbeddedRegistry() = default;

Result<void, std::string> EmbeddedRegistry::set_faults(std::span<const std::string> words) {
  const std::lock_guard lock(guarded_->mutex);
  for (const std::string& word : words) {
    if (auto set = guarded_->state.faults.set(word); !set) return set;
  }
  return {};
}

Answer EmbeddedRegistry::answer(const Request& request) {
  const std::lock_guard lock(guarded_->mutex);
  RegistryState& state = guarded_->state;
  auto routed = find_route(request);
  const Effect effect = routed ? routed->route->effect : Effect::read;
  const std::chrono::milliseconds delay(
      effect == Effect::control ? 0 : state.faults.value(Fault::slow));
  auto answer = answered_by_fault(state.faults, effect);
  if (!answer) answer = routed ? run(state, request, std::move(routed).value()) : routed.error();
  const bool is_done = answer->status >= kFine && answer->status < kNotFine;
  if (effect == Effect::change && is_done) {
    answer->drops_connection = state.faults.hits(Fault::drop_after_commit);
  }
  answer->delay = delay;
  return *answer;
}

std::string faults_text() {
  std::string text;
  for (const FaultRow& row : fault_rows()) {
    text += (text.empty() ? "  " : "\n  ") + std::string(row.word);
    if (!row.value_name.empty()) text += "=" + std::string(row.value_name);
    text += ": " + std::string(row.meaning);
  }
  return text;
}

}  // namespace longspan::embedded

#include "mirror/kafka/transaction_calls.h"

#include "lagcalc/assert.h"
#include "mirror/kafka/errors.h"

namespace longspan::kafka {
namespace {

constexpr int kPatienceMs = 300;

}  // namespace

TransactionCalls::TransactionCalls(rd_kafka_t* client, Wakeup& wakeup)
    : client_(client),
      wakeup_(wakeup),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

TransactionCalls::~TransactionCalls() {
  thread_.request_stop();
  thread_.join();
}

void TransactionCalls::start(TransactionCall call) {
  const std::lock_guard lock(mutex_);
  LONGSPAN_ASSERT(!call_ && !answer_);
  call_ = call;
  asked_.notify_one();
}

std::optional<Transactions::Answer> TransactionCalls::poll() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answer_, std::nullopt);
}

Result<void> TransactionCalls::begin() {
  const KafkaError refused(rd_kafka_begin_transaction(client_));
  if (!refused) return {};
  const auto code = rd_kafka_error_code(refused.get());
  note(code);
  return to_error(code, "cannot begin a transaction", "", rd_kafka_error_string(refused.get()));
}

void TransactionCalls::note(rd_kafka_resp_err_t code) {
  const bool is_fencing = code == RD_KAFKA_RESP_ERR__FENCED ||
                          code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
                          code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
  if (is_fencing || rd_kafka_fatal_error(client_, nullptr, 0) == RD_KAFKA_RESP_ERR__FENCED) {
    is_fenced_.store(true);
  }
}

void TransactionCalls::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (asked_.wait(lock, stop, [this] { return call_.has_value(); })) {
    const auto call = *call_;
    lock.unlock();
    auto answer = carry_out(call, stop);
    lock.lock();
    call_.reset();
    answer_ = std::move(answer);
    wakeup_.notify();
  }
}

Transactions::Answer TransactionCalls::carry_out(TransactionCall call,
                                                 const std::stop_token& stop) {
  while (true) {
    const KafkaError failed(call == TransactionCall::initialise
                                ? rd_kafka_init_transactions(client_, kPatienceMs)
                                : rd_kafka_commit_transaction(client_, kPatienceMs));
    if (!failed) return {call, std::nullopt};
    if (rd_kafka_error_is_retriable(failed.get()) != 0 && !stop.stop_requested()) continue;
    const auto code = rd_kafka_error_code(failed.get());
    note(code);
    Error error = to_error(code,
                           call == TransactionCall::initialise ? "cannot fence the former owner"
                                                               : "cannot commit a transaction",
                           "", rd_kafka_error_string(failed.get()));
    error.next = Next::rebuild_client;
    return {call, std::move(error)};
  }
}

}  // namespace longspan::kafka

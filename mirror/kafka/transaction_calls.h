// mirror/kafka/transaction_calls.h - a transactional producer's calls that wait, on a thread of
// their own.
//
// Threads: start(), poll(), begin() and note() on the sink's thread; the waiting on ours.
// Owns:    its thread; the client and the wakeup outlive it.
// Limits:  one call at a time; the destructor waits for at most one kPatience.
// Source:  rdkafka.h: the calls are resumed after a timeout by calling them again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "mirror/kafka/handles.h"
#include "mirror/ports.h"

namespace longspan::kafka {

class TransactionCalls final : public Transactions {
 public:
  TransactionCalls(rd_kafka_t* client, Wakeup& wakeup);
  ~TransactionCalls() override;
  TransactionCalls(const TransactionCalls&) = delete;
  TransactionCalls& operator=(const TransactionCalls&) = delete;

  void start(TransactionCall call) override;
  std::optional<Answer> poll() override;
  Result<void> begin() override;
  [[nodiscard]] bool is_fenced() const override { return is_fenced_.load(); }
  // What a record failed with may say that we are fenced, too.
  void note(rd_kafka_resp_err_t code);

 private:
  void run(const std::stop_token& stop);
  [[nodiscard]] Answer carry_out(TransactionCall call, const std::stop_token& stop);

  rd_kafka_t* client_;
  Wakeup& wakeup_;
  std::atomic<bool> is_fenced_{false};

  std::mutex mutex_;
  std::condition_variable_any asked_;
  std::optional<TransactionCall> call_;  // protected by mutex_
  std::optional<Answer> answer_;         // protected by mutex_
  std::jthread thread_;
};

}  // namespace longspan::kafka

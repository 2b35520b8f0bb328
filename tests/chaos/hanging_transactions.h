// tests/chaos/hanging_transactions.h - ends the transactions that no coordinator knows any more, as
// an operator does: kafka-transactions.sh find-hanging, then abort.
//
// A restarted or uncleanly elected broker may leave one behind; what reads committed records waits
// for ever then, and so does the mirror under exactly once, whose reason names the command. A
// transaction that its coordinator still knows is never touched.
//
// Errors:  HarnessError with the command's last words.
// Threads: one thread.
// Source:  KIP-664; org.apache.kafka.tools.TransactionsCommand of Kafka 4.3.1.

#pragma once

#include <string>
#include <vector>

#include "tests/chaos/brokers.h"

namespace longspan::chaos {

// What was ended, one line each: cluster, topic, partition, start offset.
std::vector<std::string> end_hanging_transactions(const Brokers& brokers);

}  // namespace longspan::chaos

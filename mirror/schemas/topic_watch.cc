#include "mirror/schemas/topic_watch.h"

#include <utility>

#include "mirror/schemas/topic_key.h"

namespace longspan {

void SchemaTopicWatch::run(const std::stop_token& stop) {
  const std::stop_callback wakes(stop, [this] { ports_.wakeup->notify(); });
  while (!stop.stop_requested()) ports_.wakeup->wait(turn());
}

std::chrono::milliseconds SchemaTopicWatch::turn() {
  hurry_ = {};
  failure_.reset();
  if (!source_) {
    if (auto opened = open(); !opened) failure_ = opened.error();
    hurry_.looks = source_ != nullptr;  // what came before it was not seen
  }
  if (source_) source_->poll(*this, kRecordsATurn);
  tell();
  if (!failure_) return kTurn;
  source_.reset();
  if (std::exchange(told_, failure_->text()) != told_) {
    log_warn(log_, "schema_topic_unreadable",
             {{"topic", partition_.topic}, {"error", failure_->text()}});
  }
  return kTryAgain;
}

void SchemaTopicWatch::tell() {
  const auto now = ports_.clock.steady();
  if (!again_.is_empty() && now >= again_at_) changed_(std::exchange(again_, {}));
  if (hurry_.is_empty()) return;
  changed_(hurry_);
  again_.add(hurry_);
  again_at_ = now + kTurn;
}

Result<void> SchemaTopicWatch::open() {
  const auto from = end();
  if (!from) return from.error();
  auto made = ports_.make_source(*ports_.wakeup);
  if (!made) return made.error();
  if (auto started = (*made)->start(0, partition_, *from, {}); !started) return started;
  source_ = std::move(*made);
  return {};
}

Result<Offset> SchemaTopicWatch::end() {
  auto admin = ports_.make_admin();
  if (!admin) return admin.error();
  const auto ends = (*admin)->ends({partition_});
  if (!ends) return ends.error();
  const auto& of = ends->at(partition_);
  return of ? Result<Offset>(of->end) : Result<Offset>(of.error());
}

void SchemaTopicWatch::on_records(PartitionIndex, std::span<Record> records) {
  for (const Record& record : records) {
    hurry_.add(hint_of_topic_key(record.key.value_or(std::string_view())));
  }
}

void SchemaTopicWatch::on_partition_failed(PartitionIndex, const Error& error) { failure_ = error; }

// The others go over by themselves.
void SchemaTopicWatch::on_source_trouble(const Error& error) {
  if (error.next == Next::rebuild_client) failure_ = error;
}

}  // namespace longspan

#include "mirror/state/command_writer.h"

#include <numeric>

#include "mirror/slot_hash.h"

namespace longspan {

namespace {

constexpr std::chrono::milliseconds kWait{50};

class Acks final : public SinkEvents {
 public:
  explicit Acks(std::size_t waiting) : waiting_(waiting) {}
  void on_acked(PartitionIndex, Offset, std::size_t count) override { waiting_ -= count; }
  void on_acked_somewhere(PartitionIndex, std::size_t count) override { waiting_ -= count; }
  void on_failed(PartitionIndex, std::size_t, const Error& error) override { failure_ = error; }
  void on_sink_trouble(const Error& error) override {
    if (error.next != Next::retry) failure_ = error;
    trouble_ = error;
  }

  [[nodiscard]] bool is_done() const { return waiting_ == 0; }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] Error late() const {
    return trouble_.value_or(Error{Next::retry, 0, "the target did not acknowledge in time", ""});
  }

 private:
  std::size_t waiting_;
  std::optional<Error> failure_;
  std::optional<Error> trouble_;
};

// The same record into each slot given; waits until the target has them all.
Result<void> write_state(const CommandWriter& writer, const std::string& topic,
                         const std::vector<std::int32_t>& wanted, const OwnedRecord& what) {
  Acks acks(wanted.size());
  const auto until = writer.clock.steady() + kCommandWait;
  for (const auto slot : wanted) {
    const auto index = static_cast<PartitionIndex>(slot);
    if (auto opened = writer.sink.open(index, {topic, slot}); !opened) return opened.error();
    Record record = make_record(what);
    while (writer.sink.produce(index, record) == Accepted::full) {
      writer.sink.poll(acks);
      if (writer.clock.steady() > until) return acks.late();
      writer.wakeup.wait(kWait);
    }
  }
  writer.sink.poll(acks);
  while (!acks.is_done() && !acks.failure()) {
    if (writer.clock.steady() > until) return acks.late();
    writer.wakeup.wait(kWait);
    writer.sink.poll(acks);
  }
  if (acks.failure()) return *acks.failure();
  for (const auto slot : wanted) writer.sink.close(static_cast<PartitionIndex>(slot));
  return {};
}

}  // namespace

std::vector<std::int32_t> slots_of(const CommandKey& key, std::int32_t slots) {
  if (key.partition) return {slot_of({key.topic, *key.partition}, slots)};
  std::vector<std::int32_t> all(static_cast<std::size_t>(slots));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

Result<void> write_command(const CommandWriter& writer, const std::string& topic,
                           const std::pair<CommandKey, Command>& command, std::int32_t slots) {
  return write_state(writer, topic, slots_of(command.first, slots),
                     {encode_key(command.first), encode(command.second), writer.clock.now(), {}});
}

Result<void> write_schemas_command(const CommandWriter& writer, const std::string& topic,
                                   const Command& command, std::int32_t slots) {
  return write_state(writer, topic, {slot_of_duty(kSchemasDuty, slots)},
                     {encode_key(SchemasKey{}), encode(command), writer.clock.now(), {}});
}

Result<void> write_remedy(const CommandWriter& writer, const std::string& topic,
                          const std::pair<RemedyKey, Remedy>& remedy, std::int32_t slots) {
  return write_state(writer, topic, {slot_of(remedy.first.source, slots)},
                     {encode_key(remedy.first), encode(remedy.second), writer.clock.now(), {}});
}

}  // namespace longspan

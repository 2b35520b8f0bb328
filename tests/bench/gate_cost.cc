// What the schema gate costs a record whose ids are known: the same loop with and without it.
// gate_cost [--records 2000000] [--ids N] [--guids 1]
//
// Keys and values carry an id each. With --ids N the values' ids change with every record, round
// robin, as in a topic that many tables share. With --guids 1 the values have GUIDs instead.

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "mirror/shard_gate.h"
#include "tests/bench/arguments.h"
#include "tests/fakes/framed.h"

namespace longspan::bench {
namespace {

using std::chrono::steady_clock;

// Knows every id.
class KnowsAll final : public Registry {
 public:
  RegistryResult<std::vector<std::string>> contexts() override { return unused(); }
  RegistryResult<std::vector<Subject>> subjects(bool) override { return unused(); }
  RegistryResult<std::vector<std::int32_t>> versions(const Subject&, bool) override {
    return unused();
  }
  RegistryResult<std::optional<RegisteredSchema>> version(const SubjectVersion&) override {
    return unused();
  }
  RegistryResult<std::optional<Schema>> schema(std::int32_t, const Subject&) override {
    return std::optional(Schema());
  }
  RegistryResult<std::optional<Schema>> schema_by_guid(const std::string&) override {
    return std::optional(Schema());
  }
  RegistryResult<std::vector<SubjectVersion>> users(std::int32_t, const Subject&) override {
    return unused();
  }
  RegistryResult<std::optional<std::int32_t>> max_id(std::int32_t, const Subject&) override {
    return unused();
  }
  RegistryResult<std::optional<std::string>> mode(const Subject&) override { return unused(); }
  RegistryResult<void> set_mode(const Subject&, const std::string&) override { return unused(); }
  RegistryResult<void> unset_mode(const Subject&) override { return unused(); }
  RegistryResult<std::optional<std::string>> config(const Subject&) override { return unused(); }
  RegistryResult<void> set_config(const Subject&, const std::string&) override { return unused(); }
  RegistryResult<void> unset_config(const Subject&) override { return unused(); }
  RegistryResult<std::int32_t> import_schema(const RegisteredSchema&) override { return unused(); }
  RegistryResult<void> soft_delete(const SubjectVersion&) override { return unused(); }
  RegistryResult<CompatibilityAnswer> check_compatibility(const Subject&, const Schema&) override {
    return unused();
  }

 private:
  static RegistryError unused() { return {}; }
};

class NoClock final : public Clock {
 public:
  [[nodiscard]] TimestampMs now() const override { return {}; }
  [[nodiscard]] Steady steady() const override { return {}; }
};

SchemaGuid guid_of(std::int32_t i) {
  SchemaGuid out;
  for (std::size_t at = 0; at < 4; ++at) {
    out.bytes[at] = static_cast<std::uint8_t>(i >> 8 * at & 0xff);
  }
  return out;
}

struct Bytes {
  std::string key;
  std::string value;
};

template <class Work>
double nanoseconds(std::size_t records, const Work& work) {
  const auto begun = steady_clock::now();
  for (std::size_t i = 0; i < records; ++i) work(i);
  const std::chrono::duration<double, std::nano> took = steady_clock::now() - begun;
  return took.count() / static_cast<double>(records);
}

int run(const Arguments& arguments) {
  const auto records = static_cast<std::size_t>(arguments.number("records", 2'000'000));
  const auto ids = static_cast<std::int32_t>(arguments.number("ids", 1));
  const bool has_guids = arguments.number("guids", 0) != 0;
  const NoClock clock;
  SchemaGate gate(std::make_unique<KnowsAll>(), std::make_unique<KnowsAll>(), {}, clock, {[] {}});
  for (std::int32_t id = 1; id <= ids + 1; ++id) gate.ask(id);
  for (std::int32_t i = 0; i < ids; ++i) gate.ask(guid_of(2 + i));
  gate.turn({});
  ShardGate shard(gate);
  std::ignore = shard.refresh();
  const std::string payload(100, 'x');
  std::vector<Bytes> bytes;
  for (std::int32_t i = 0; i < ids; ++i) {
    bytes.push_back({framed(1, payload),
                     has_guids ? guid_framed(guid_of(2 + i), payload) : framed(2 + i, payload)});
  }
  std::vector<Record> batch(1'000);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& [key, value] = bytes[i % bytes.size()];
    batch[i].key = key;
    batch[i].value = value;
  }
  ShardGate::Seat seat;
  shard.sit_down(seat, "orders", batch.front());
  std::size_t bytes_seen = 0;
  std::size_t gone = 0;
  const auto read = [&](std::size_t i) { bytes_seen += batch[i % batch.size()].payload_bytes(); };
  const auto bare = nanoseconds(records, read);
  const auto gated = nanoseconds(records, [&](std::size_t i) {
    read(i);
    const Record& record = batch[i % batch.size()];
    const bool goes =
        ShardGate::goes_at_once(seat, record) ||
        shard.look(seat, record, {}, std::chrono::seconds(30)) == ShardGate::Verdict::goes;
    gone += goes ? 1 : 0;
  });
  if (gone != records) throw std::runtime_error("a record did not go on");
  std::cout << ids << " ids: " << gated - bare << " ns a record (" << gated << " with the gate, "
            << bare << " without; " << bytes_seen << " bytes seen)\n";
  return 0;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "gate_cost", longspan::bench::run);
}

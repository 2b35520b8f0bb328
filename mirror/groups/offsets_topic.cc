#include "mirror/groups/offsets_topic.h"

#include <cstddef>
#include <utility>

#include "mirror/state/byte_codec.h"

namespace longspan {
namespace {

constexpr std::int16_t kCommitKeyMax = 1;
constexpr std::int16_t kGroupKey = 2;
constexpr std::int16_t kValueVersionMax = 4;
constexpr std::int16_t kFirstFlexible = 4;
constexpr std::uint64_t kTopicIdTag = 0;

// The fields of a value in either of Kafka's encodings: lengths are int16 and int32, or in flexible
// versions varints of length + 1, with 0 for null, and each struct ends in tagged fields.
class Fields {
 public:
  explicit Fields(std::string_view value) : reader_(value), version_(reader_.i16()) {
    reader_.require(version_ >= 0 && version_ <= kValueVersionMax);
  }
  [[nodiscard]] std::int16_t version() const { return version_; }
  [[nodiscard]] bool has_known_version() const {
    return version_ >= 0 && version_ <= kValueVersionMax;
  }
  [[nodiscard]] bool failed() const { return reader_.failed(); }
  ByteReader& reader() { return reader_; }

  std::optional<std::string> nullable_string() {
    const auto size = flexible() ? compact_size() : plain_size(reader_.i16());
    if (!size) return std::nullopt;
    return std::string(reader_.bytes(*size));
  }
  std::string string() {
    auto value = nullable_string();
    reader_.require(value.has_value());
    return std::move(value).value_or("");
  }
  std::string_view bytes() {
    const auto size = array_size();
    return reader_.bytes(size);
  }
  // Of an array or of bytes; both have the same prefix.
  std::size_t array_size() {
    const auto size = flexible() ? compact_size() : plain_size(reader_.i32());
    reader_.require(size.has_value());
    return size.value_or(0);
  }
  // Ends a struct. Answers the value of tag 0, where there is one.
  std::optional<std::string_view> tags() {
    std::optional<std::string_view> topic_id;
    if (!flexible()) return topic_id;
    const std::uint64_t count = reader_.varint();
    for (std::uint64_t i = 0; i < count && !reader_.failed(); ++i) {
      const std::uint64_t tag = reader_.varint();
      const std::string_view value = reader_.bytes(static_cast<std::size_t>(reader_.varint()));
      if (tag == kTopicIdTag) topic_id = value;
    }
    return topic_id;
  }

 private:
  [[nodiscard]] bool flexible() const { return version_ >= kFirstFlexible; }
  std::optional<std::size_t> compact_size() {
    const std::uint64_t size = reader_.varint();
    if (size == 0) return std::nullopt;
    return static_cast<std::size_t>(size - 1);
  }
  std::optional<std::size_t> plain_size(std::int32_t size) {
    reader_.require(size >= -1);
    if (size < 0) return std::nullopt;
    return static_cast<std::size_t>(size);
  }

  ByteReader reader_;
  std::int16_t version_;
};

std::optional<TopicId> topic_id_of(std::string_view bytes, Fields& fields) {
  TopicId id{};
  fields.reader().require(bytes.size() == id.size());
  if (fields.failed()) return std::nullopt;
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(bytes[i]);
  if (id == kNoTopicId) return std::nullopt;
  return id;
}

CommittedPosition read_position(Fields& fields) {
  CommittedPosition position;
  if (const auto offset = fields.reader().i64(); offset >= 0) position.offset = Offset{offset};
  if (fields.version() >= 3) {
    if (const auto epoch = fields.reader().i32(); epoch >= 0) position.leader_epoch = epoch;
  }
  position.metadata = fields.string();
  position.committed_at = {fields.reader().i64()};
  if (fields.version() == 1) {
    if (const auto at = fields.reader().i64(); at >= 0) position.expires_at = TimestampMs{at};
  }
  if (const auto bytes = fields.tags()) position.topic_id = topic_id_of(*bytes, fields);
  return position;
}

// int16 version, [topic, [int32 partition]], and what later versions append. A member that was
// given nothing has no bytes at all.
std::optional<std::vector<AssignedTopic>> read_assignment(std::string_view bytes) {
  std::vector<AssignedTopic> out;
  if (bytes.empty()) return out;
  ByteReader reader(bytes);
  reader.require(reader.i16() >= 0);
  for (auto topics = reader.count32(); topics > 0 && !reader.failed(); --topics) {
    AssignedTopic assigned{reader.string(), {}};
    for (auto count = reader.count32(); count > 0 && !reader.failed(); --count) {
      assigned.partitions.push_back(reader.count32());
    }
    out.push_back(std::move(assigned));
  }
  if (reader.failed()) return std::nullopt;
  return out;
}

GroupMember read_member(Fields& fields, bool is_consumer) {
  GroupMember member;
  member.id = fields.string();
  if (fields.version() >= 3) member.instance_id = fields.nullable_string();
  member.client_id = fields.string();
  member.client_host = fields.string();
  if (fields.version() >= 1) fields.reader().i32();  // rebalance timeout
  fields.reader().i32();                             // session timeout
  fields.bytes();                                    // subscription
  const std::string_view assignment = fields.bytes();
  if (is_consumer) member.assignment = read_assignment(assignment);
  fields.tags();
  return member;
}

GroupMetadata read_group(Fields& fields) {
  GroupMetadata group;
  group.protocol_type = fields.string();
  group.generation = fields.reader().i32();
  group.protocol = fields.nullable_string();
  group.leader = fields.nullable_string();
  if (fields.version() >= 2) {
    if (const auto at = fields.reader().i64(); at >= 0) group.state_since = TimestampMs{at};
  }
  const bool is_consumer = group.protocol_type == "consumer";
  for (auto count = fields.array_size(); count > 0 && !fields.failed(); --count) {
    group.members.push_back(read_member(fields, is_consumer));
  }
  fields.tags();
  return group;
}

Unexpected<Error> value_error(const Fields& fields, const std::string& what, std::string where) {
  if (fields.has_known_version()) {
    return fail(Next::park_partition, what + " is cut short or damaged", std::move(where));
  }
  return fail(Next::park_partition,
              what + " has version " + std::to_string(fields.version()) + ", 0 to 4 are known",
              std::move(where));
}

Result<OffsetsTopicRecord> decode_commit(ByteReader key, std::optional<std::string_view> value) {
  CommitRecord record;
  record.group = key.string();
  record.partition.topic = key.string();
  record.partition.partition = key.count32();
  if (key.failed()) return fail(Next::park_partition, "the key of a commit is damaged");
  if (!value) return OffsetsTopicRecord(std::move(record));
  Fields fields(*value);
  if (!fields.failed()) record.position = read_position(fields);
  if (!fields.failed()) return OffsetsTopicRecord(std::move(record));
  return value_error(fields, "a commit",
                     "group=" + record.group + " partition=" + record.partition.text());
}

Result<OffsetsTopicRecord> decode_group(ByteReader key, std::optional<std::string_view> value) {
  GroupRecord record;
  record.group = key.string();
  if (key.failed()) return fail(Next::park_partition, "the key of a group is damaged");
  if (!value) return OffsetsTopicRecord(std::move(record));
  Fields fields(*value);
  if (!fields.failed()) record.metadata = read_group(fields);
  if (!fields.failed()) return OffsetsTopicRecord(std::move(record));
  return value_error(fields, "a group", "group=" + record.group);
}

}  // namespace

Result<OffsetsTopicRecord> decode_offsets_record(std::string_view key,
                                                 std::optional<std::string_view> value) {
  ByteReader reader(key);
  const std::int16_t version = reader.i16();
  if (reader.failed()) return fail(Next::park_partition, "a key of __consumer_offsets is no key");
  if (version >= 0 && version <= kCommitKeyMax) return decode_commit(reader, value);
  if (version == kGroupKey) return decode_group(reader, value);
  return OffsetsTopicRecord(SkippedRecord{version});
}

GroupState state_of(const std::optional<GroupMetadata>& metadata) {
  if (!metadata) return GroupState::dead;
  if (metadata->members.empty()) return GroupState::empty;
  return metadata->protocol ? GroupState::stable : GroupState::unknown;
}

void OffsetsTopicTally::add(const Result<OffsetsTopicRecord>& record) {
  if (!record) {
    ++unreadable;
  } else if (const auto* commit = std::get_if<CommitRecord>(&*record)) {
    ++(commit->position ? commits : commit_deletions);
  } else if (const auto* group = std::get_if<GroupRecord>(&*record)) {
    ++(group->metadata ? groups : group_deletions);
  } else {
    ++skipped;
  }
}

}  // namespace longspan

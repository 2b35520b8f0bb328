#include "mirror/groups/offsets_topic.h"

#include <gtest/gtest.h>

#include <random>
#include <span>
#include <string>

#include "tests/fakes/seed.h"
#include "tests/unit/mirror/groups/offsets_topic_vectors.h"

namespace longspan {
namespace {

CommitRecord commit_of(std::string_view key, std::string_view value) {
  const auto record = decode_offsets_record(unhex(key), unhex(value));
  EXPECT_TRUE(record.has_value()) << value;
  return record ? std::get<CommitRecord>(*record) : CommitRecord{};
}

GroupMetadata group_of(std::string_view value) {
  const auto record = decode_offsets_record(unhex(kGroupKey), unhex(value));
  EXPECT_TRUE(record.has_value()) << value;
  return record ? std::get<GroupRecord>(*record).metadata.value_or(GroupMetadata{})
                : GroupMetadata{};
}

std::string what(std::string_view key, std::string_view value) {
  const auto record = decode_offsets_record(unhex(key), unhex(value));
  return record ? "" : record.error().text();
}

TEST(OffsetsTopic, ReadsCommitsOfEveryVersion) {
  for (std::size_t version = 0; version < std::size(kCommits); ++version) {
    CommittedPosition expected{Offset{7}, {}, "m", {1700000000000}, {}, {}};
    if (version >= 3) expected.leader_epoch = 5;
    if (version == 1) expected.expires_at = TimestampMs{1700086400000};
    const CommitRecord record{"g", {"orders", 3}, expected};
    EXPECT_EQ(commit_of(kCommitKey, kCommits[version]), record) << version;
    EXPECT_EQ(commit_of("0000" + std::string(kCommitKey.substr(4)), kCommits[version]), record);
  }
}

TEST(OffsetsTopic, ReadsTaggedFieldsAndSkipsThoseItDoesNotKnow) {
  const auto with_id = commit_of(kCommitKey, kCommitWithTopicId).position;
  const TopicId id{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  EXPECT_EQ(with_id->topic_id, id);
  auto without = *with_id;
  without.topic_id.reset();
  EXPECT_EQ(commit_of(kCommitKey, kCommitWithUnknownTag).position, without);
  EXPECT_EQ(commit_of(kCommitKey, kCommits[4]).position, without);
}

TEST(OffsetsTopic, ReadsWhatBrokersWrote) {
  const CommitRecord first = commit_of(kRealKey, kRealCommits[0]);
  EXPECT_EQ(first.group, "txg");
  EXPECT_EQ(first.partition, (TopicPartition{"c1", 0}));
  EXPECT_EQ(first.position->offset, Offset{10});
  const CommittedPosition second{Offset{2217128}, {}, "", {1758335260726}, {}, {}};
  EXPECT_EQ(commit_of(kRealKey, kRealCommits[1]).position, second);
}

TEST(OffsetsTopic, ReadsMetadataOfMoreThan127Bytes) {
  const std::string value = unhex("0004000000000000000700000005") + unhex("8301") +
                            std::string(130, 'x') + unhex("0000018bcfe5680000");
  const auto record = decode_offsets_record(unhex(kCommitKey), value);
  ASSERT_TRUE(record.has_value());
  const auto& position = std::get<CommitRecord>(*record).position;
  EXPECT_EQ(position->metadata, std::string(130, 'x'));
  EXPECT_EQ(position->committed_at, TimestampMs{1700000000000});
}

TEST(OffsetsTopic, ANegativeOffsetIsNoPosition) {
  const auto position =
      commit_of(kCommitKey, "0003ffffffffffffffff0000000500016d0000018bcfe56800").position;
  ASSERT_TRUE(position.has_value());
  EXPECT_EQ(position->offset, std::nullopt);
}

TEST(OffsetsTopic, ReadsGroupsOfEveryVersion) {
  for (std::size_t version = 0; version < std::size(kGroups); ++version) {
    GroupMetadata expected{"consumer", 7, "range", "m-1", {}, {}};
    if (version >= 2) expected.state_since = TimestampMs{1700000000000};
    const std::vector<AssignedTopic> assignment{{"orders", {0, 2}}, {"rows", {1}}};
    expected.members.push_back({"m-1", {}, "c-1", "/10.0.0.7", assignment});
    if (version >= 3) expected.members[0].instance_id = "i-1";
    expected.members.push_back({"m-2", {}, "c-2", "/::1", std::vector<AssignedTopic>{}});
    EXPECT_EQ(group_of(kGroups[version]), expected) << version;
  }
}

TEST(OffsetsTopic, TellsWhetherAGroupHasMembers) {
  for (const std::string_view value : kGroups) {
    EXPECT_EQ(state_of(group_of(value)), GroupState::stable);
  }
  for (const std::string_view value : kEmptyGroups) {
    const GroupMetadata group = group_of(value);
    EXPECT_EQ(state_of(group), GroupState::empty);
    EXPECT_EQ(group.generation, 8);
    EXPECT_EQ(group.protocol, std::nullopt);
    EXPECT_EQ(group.leader, std::nullopt);
  }
  EXPECT_EQ(state_of(std::nullopt), GroupState::dead);
}

TEST(OffsetsTopic, AnAssignmentOfAnotherProtocolIsAbsent) {
  const GroupMetadata group = group_of(kConnectGroup);
  EXPECT_EQ(group.protocol_type, "connect");
  ASSERT_EQ(group.members.size(), 1u);
  EXPECT_EQ(group.members[0].client_host, "/h");
  EXPECT_EQ(group.members[0].assignment, std::nullopt);
}

TEST(OffsetsTopic, ADamagedAssignmentLeavesTheRest) {
  std::string value = unhex(kGroups[3]);
  const auto topics = value.find(unhex("0003000000020006"));
  ASSERT_NE(topics, std::string::npos);
  value[topics + 5] = 9;  // nine topics, where there are bytes for two
  const auto record = decode_offsets_record(unhex(kGroupKey), value);
  ASSERT_TRUE(record.has_value());
  const auto& members = std::get<GroupRecord>(*record).metadata->members;
  EXPECT_EQ(members.at(0).assignment, std::nullopt);
  EXPECT_EQ(members.at(1).id, "m-2");
}

TEST(OffsetsTopic, NoValueDeletes) {
  const auto commit = decode_offsets_record(unhex(kCommitKey), std::nullopt);
  EXPECT_EQ(std::get<CommitRecord>(*commit), (CommitRecord{"g", {"orders", 3}, {}}));
  const auto group = decode_offsets_record(unhex(kGroupKey), std::nullopt);
  EXPECT_EQ(std::get<GroupRecord>(*group), (GroupRecord{"g", {}}));
}

TEST(OffsetsTopic, SkipsKeysOfOtherVersions) {
  for (const std::int16_t version : {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 23, 999, -1}) {
    const std::string key{static_cast<char>(version >> 8), static_cast<char>(version)};
    for (const std::string& rest : {std::string(), unhex("00016700066f"), std::string(99, 'x')}) {
      const auto record = decode_offsets_record(key + rest, rest);
      ASSERT_TRUE(record.has_value());
      EXPECT_EQ(std::get<SkippedRecord>(*record).key_version, version);
    }
  }
}

TEST(OffsetsTopic, SaysWhatIsWrong) {
  EXPECT_EQ(what("00", ""), "a key of __consumer_offsets is no key");
  EXPECT_EQ(what("00010001", ""), "the key of a commit is damaged");
  EXPECT_EQ(what("000100016700016fffffffff", ""), "the key of a commit is damaged");
  EXPECT_EQ(what("0002ffff", ""), "the key of a group is damaged");
  EXPECT_EQ(what(kCommitKey, "0005"),
            "a commit has version 5, 0 to 4 are known (group=g partition=orders:3)");
  EXPECT_EQ(what(kCommitKey, ""), "a commit is cut short or damaged (group=g partition=orders:3)");
  EXPECT_EQ(what(kCommitKey, "00030000000000000007000000050001"),
            "a commit is cut short or damaged (group=g partition=orders:3)");
  EXPECT_EQ(what(kGroupKey, "ffff"), "a group has version -1, 0 to 4 are known (group=g)");
  EXPECT_EQ(what(kGroupKey, "0000ffff"), "a group is cut short or damaged (group=g)");
  // A topic id of 15 bytes.
  EXPECT_EQ(what(kCommitKey,
                 "0004000000000000000700000005026d0000018bcfe5680001000f000102030405060708090a0b0c"
                 "0d0e"),
            "a commit is cut short or damaged (group=g partition=orders:3)");
}

TEST(OffsetsTopic, EachRecordIsCountedOnce) {
  OffsetsTopicTally tally;
  tally.add(decode_offsets_record(unhex(kCommitKey), unhex(kCommits[3])));
  tally.add(decode_offsets_record(unhex(kCommitKey), std::nullopt));
  tally.add(decode_offsets_record(unhex(kGroupKey), unhex(kGroups[3])));
  tally.add(decode_offsets_record(unhex(kGroupKey), std::nullopt));
  tally.add(decode_offsets_record(unhex("0003"), std::nullopt));
  tally.add(decode_offsets_record(unhex("0011"), std::nullopt));
  tally.add(decode_offsets_record("", std::nullopt));
  EXPECT_EQ(tally, (OffsetsTopicTally{1, 1, 1, 1, 2, 1}));
}

TEST(OffsetsTopic, EveryCutOfAValueIsAnError) {
  for (const auto& [key, values] :
       {std::pair{kCommitKey, std::span(kCommits)}, std::pair{kGroupKey, std::span(kGroups)},
        std::pair{kGroupKey, std::span(kEmptyGroups)}}) {
    for (const std::string_view value : values) {
      const std::string whole = unhex(value);
      const auto record = decode_offsets_record(unhex(key), whole);
      for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(decode_offsets_record(unhex(key), whole.substr(0, size)).has_value()) << size;
      }
      const auto longer = decode_offsets_record(unhex(key), whole + "behind");
      ASSERT_TRUE(longer.has_value());
      EXPECT_EQ(*longer, *record);
    }
  }
}

class OffsetsTopicRandom : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, OffsetsTopicRandom, testing::ValuesIn(test_seeds(5)));

// What lies behind the last field is ignored, so whatever is decoded decodes the same with more.
TEST_P(OffsetsTopicRandom, MutatedBytesAreAValueOrAnError) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  std::mt19937_64 random(GetParam());
  int decoded = 0;
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    const bool is_group = random() % 2 == 0;
    const std::string key = unhex(is_group ? kGroupKey : kCommitKey);
    std::string value = unhex(is_group ? kGroups[random() % 5] : kCommits[random() % 5]);
    for (auto edits = 1 + random() % 3; edits > 0; --edits) {
      value[random() % value.size()] = static_cast<char>(random());
    }
    const auto record = decode_offsets_record(key, value);
    ++(record ? decoded : refused);
    if (!record) continue;
    const auto longer = decode_offsets_record(key, value + "x");
    ASSERT_TRUE(longer.has_value());
    ASSERT_EQ(*longer, *record);
  }
  EXPECT_GT(decoded, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace longspan

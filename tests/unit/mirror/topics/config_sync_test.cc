#include "mirror/topics/config_sync.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace longspan {
namespace {

ConfigEntry set(std::string value) { return {std::move(value), false, false, false}; }
ConfigEntry standard(std::string value) { return {std::move(value), true, false, false}; }

NamePatterns default_exclude() {
  return *NamePatterns::make(default_config_properties_exclude(), "config.properties.exclude");
}

// What a cluster answers after the changes; `defaults` are its own defaults.
TopicConfig after(TopicConfig config, const std::vector<ConfigChange>& changes,
                  const TopicConfig& defaults) {
  for (const ConfigChange& change : changes) {
    config[change.name] = change.value ? set(*change.value) : defaults.at(change.name);
  }
  return config;
}

std::map<std::string, std::string> texts(const std::vector<ConfigChange>& changes) {
  std::map<std::string, std::string> result;
  for (const ConfigChange& change : changes) result[change.name] = change.value.value_or("default");
  return result;
}

using Texts = std::map<std::string, std::string>;

TopicConfig target_defaults() {
  return {{"cleanup.policy", standard("delete")},
          {"compression.type", standard("producer")},
          {"max.message.bytes", standard("1048588")},
          {"message.timestamp.type", standard("CreateTime")},
          {"message.timestamp.before.max.ms", standard("9223372036854775807")},
          {"min.insync.replicas", standard("2")},
          {"retention.ms", standard("604800000")}};
}

TEST(ConfigSync, SetsWhatTheSourceSetsAndResetsTheRest) {
  TopicConfig source = target_defaults();
  source["cleanup.policy"] = set("compact");
  source["compression.type"] = set("zstd");
  source["min.insync.replicas"] = set("1");
  TopicConfig target = target_defaults();
  target["retention.ms"] = set("1000");  // set by hand on the target: goes back, as in MM2
  target["cleanup.policy"] = standard("compact");  // equal, but only by the cluster's default
  const auto changes = sync_changes(source, target, default_exclude());
  EXPECT_EQ(texts(changes), (Texts{{"cleanup.policy", "compact"},
                                   {"compression.type", "zstd"},
                                   {"retention.ms", "default"}}));
}

TEST(ConfigSync, NeverTouchesExcludedReadOnlySensitiveOrUnknown) {
  TopicConfig source = {{"secret", {"", false, true, false}},
                        {"fixed", {"1", false, false, true}},
                        {"new.in.the.source", set("1")},
                        {"min.insync.replicas", set("3")},
                        {"unclean.leader.election.enable", standard("false")},
                        {"message.timestamp.before.max.ms", set("1000")}};
  TopicConfig target = {{"secret", set("x")},
                        {"fixed", set("2")},
                        {"min.insync.replicas", set("1")},
                        {"unclean.leader.election.enable", set("true")},
                        {"message.timestamp.before.max.ms", standard("9223372036854775807")},
                        {"only.at.the.target", set("1")}};
  EXPECT_EQ(texts(sync_changes(source, target, default_exclude())), Texts{});
}

TEST(ConfigSync, ASecondRunSendsNothing) {
  TopicConfig source = target_defaults();
  source["cleanup.policy"] = set("compact,delete");
  source["max.message.bytes"] = standard("5000000");
  source["message.timestamp.type"] = set("LogAppendTime");
  TopicConfig target = target_defaults();
  target["retention.ms"] = set("1");
  target["message.timestamp.type"] = standard("LogAppendTime");
  const NamePatterns nothing_excluded;
  const auto changes = sync_changes(source, target, nothing_excluded);
  EXPECT_EQ(texts(changes), (Texts{{"cleanup.policy", "compact,delete"},
                                   {"max.message.bytes", "5000000"},
                                   {"message.timestamp.type", "CreateTime"},
                                   {"retention.ms", "default"}}));
  const TopicConfig synced = after(target, changes, target_defaults());
  EXPECT_EQ(texts(sync_changes(source, synced, nothing_excluded)), Texts{});
}

TEST(ConfigSync, MaxMessageBytesFollowsTheSourceAndIsElseOnlyRaised) {
  struct Row {
    const char* name;
    ConfigEntry source;
    ConfigEntry target;
    Texts changes;
  };
  for (const Row& row : {
           Row{"set_at_source", set("5000"), standard("1048588"), {{"max.message.bytes", "5000"}}},
           Row{"default_larger",
               standard("2000000"),
               standard("1048588"),
               {{"max.message.bytes", "2000000"}}},
           Row{"default_smaller", standard("1048588"), standard("2000000"), {}},
           Row{"raised_before", standard("2000000"), set("2000000"), {}},
       }) {
    EXPECT_EQ(texts(sync_changes({{"max.message.bytes", row.source}},
                                 {{"max.message.bytes", row.target}}, default_exclude())),
              row.changes)
        << row.name;
  }
}

TEST(ConfigSync, CreationCarriesTheConfigsAndKeepsTimestamps) {
  TopicConfig source = target_defaults();
  source["cleanup.policy"] = set("compact");
  source["compression.type"] = set("zstd");
  source["max.message.bytes"] = standard("8000000");
  source["message.timestamp.type"] = set("LogAppendTime");
  source["message.timestamp.before.max.ms"] = set("1000");
  source["min.insync.replicas"] = set("3");
  source["new.in.the.source"] = set("1");
  const Texts expected = {{"cleanup.policy", "compact"},
                          {"compression.type", "zstd"},
                          {"max.message.bytes", "8000000"},
                          {"message.timestamp.type", "CreateTime"}};
  EXPECT_EQ(configs_for_create(source, target_defaults(), default_exclude()), expected);
  // Without the exclude list LogAppendTime is not copied either.
  Texts with_isr = expected;
  with_isr["min.insync.replicas"] = "3";
  EXPECT_EQ(configs_for_create(source, target_defaults(), NamePatterns()), with_isr);
  with_isr["new.in.the.source"] = "1";
  EXPECT_EQ(configs_for_create(source, std::nullopt, NamePatterns()), with_isr);
}

TEST(ConfigSync, NothingIsLeftToSyncRightAfterCreation) {
  TopicConfig source = target_defaults();
  source["cleanup.policy"] = set("compact");
  source["retention.ms"] = set("1000");
  source["max.message.bytes"] = standard("8000000");
  TopicConfig created = target_defaults();
  for (const auto& [name, value] :
       configs_for_create(source, target_defaults(), default_exclude())) {
    created[name] = set(value);
  }
  EXPECT_EQ(texts(sync_changes(source, created, default_exclude())), Texts{});
  EXPECT_EQ(texts(sync_changes(source, created, NamePatterns())), Texts{});
}

constexpr TimestampMs kNow{1'700'000'000'000};
constexpr std::int64_t kDayMs = 86'400'000;

TEST(ConfigSync, SeesRecordsThatTheTargetWouldDeleteOnArrival) {
  const TopicConfig forever = {{"cleanup.policy", standard("delete")},
                               {"retention.ms", standard("-1")}};
  const TopicConfig week = {{"cleanup.policy", standard("delete")},
                            {"retention.ms", standard(std::to_string(7 * kDayMs))}};
  const TopicConfig compacted = {{"cleanup.policy", set("compact")},
                                 {"retention.ms", standard(std::to_string(7 * kDayMs))}};
  const TimestampMs old{kNow.value - 400 * kDayMs};
  const TimestampMs fresh{kNow.value - kDayMs};
  EXPECT_EQ(expired_at_target_risk(week, week, old, kNow),
            "the oldest record is 9600 h old and the target keeps records for 168 h, so it deletes "
            "mirrored records soon after they arrive");
  EXPECT_EQ(expired_at_target_risk(forever, week, fresh, kNow),
            "the source keeps records forever and the target for 168 h, so older records are "
            "deleted on the target");
  EXPECT_EQ(expired_at_target_risk(week, week, fresh, kNow), std::nullopt);
  EXPECT_EQ(expired_at_target_risk(week, week, std::nullopt, kNow), std::nullopt);
  EXPECT_EQ(expired_at_target_risk(week, forever, old, kNow), std::nullopt);
  EXPECT_EQ(expired_at_target_risk(week, compacted, old, kNow), std::nullopt);
  EXPECT_EQ(expired_at_target_risk({}, week, fresh, kNow), std::nullopt) << "source unknown";
  EXPECT_EQ(expired_at_target_risk(week, {}, old, kNow), std::nullopt) << "target unknown";
}

TEST(ConfigSync, SeesTimestampsReplaced) {
  EXPECT_TRUE(timestamps_replaced_at_target({{"message.timestamp.type", set("LogAppendTime")}}));
  EXPECT_FALSE(timestamps_replaced_at_target({{"message.timestamp.type", set("CreateTime")}}));
  EXPECT_FALSE(timestamps_replaced_at_target({}));
}

}  // namespace
}  // namespace longspan

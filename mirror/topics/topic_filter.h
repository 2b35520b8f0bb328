// mirror/topics/topic_filter.h - which topics of the source a flow mirrors, by name.
//
// MM2's `topics` and `topics.exclude`: whole-name match, exclude wins. Debezium's heartbeat topics
// (__debezium-heartbeat.*) are decided by their own key: off, they never pass; on, they pass in
// spite of MM2's default exclude list and whatever `topics` says, unless an exclude pattern of the
// user's own matches them.
//
// Errors:  make() names the bad pattern and the position in it.
// Threads: a value; const calls are safe from anywhere.
// Source:  KIP-382 (DefaultTopicFilter).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lagcalc/result.h"
#include "mirror/topics/name_patterns.h"

namespace longspan {

// MM2's default of topics.exclude, one pattern each.
[[nodiscard]] const std::vector<std::string>& default_topics_exclude();
[[nodiscard]] bool is_debezium_heartbeat(std::string_view topic);

struct FilterVerdict {
  bool passes = false;
  std::string reason;  // one sentence, e.g. "excluded by __.*"; also said when it passes
};

class TopicFilter {
 public:
  TopicFilter() = default;  // passes nothing
  static Result<TopicFilter> make(std::vector<std::string> include,
                                  std::vector<std::string> exclude,
                                  bool mirror_debezium_heartbeats);

  [[nodiscard]] bool matches(std::string_view topic) const { return verdict(topic).passes; }
  [[nodiscard]] FilterVerdict verdict(std::string_view topic) const;
  [[nodiscard]] std::string include_text() const { return include_.text(); }
  [[nodiscard]] std::string exclude_text() const { return exclude_.text(); }
  [[nodiscard]] bool mirrors_debezium_heartbeats() const { return debezium_heartbeats_; }

 private:
  [[nodiscard]] FilterVerdict debezium_verdict(std::string_view topic) const;

  NamePatterns include_;
  NamePatterns exclude_;
  NamePatterns user_exclude_;  // exclude_ without MM2's defaults
  bool debezium_heartbeats_ = false;
};

}  // namespace longspan

#include "mirror/topics/topic_filter.h"

#include <algorithm>
#include <utility>

namespace longspan {

const std::vector<std::string>& default_topics_exclude() {
  static const std::vector<std::string> patterns = {R"(.*[\-\.]internal)", R"(.*\.replica)",
                                                    "__.*"};
  return patterns;
}

bool is_debezium_heartbeat(std::string_view topic) {
  return topic.starts_with("__debezium-heartbeat.");
}

Result<TopicFilter> TopicFilter::make(std::vector<std::string> include,
                                      std::vector<std::string> exclude,
                                      bool mirror_debezium_heartbeats) {
  const auto& defaults = default_topics_exclude();
  std::vector<std::string> own;
  std::copy_if(exclude.begin(), exclude.end(), std::back_inserter(own), [&](const auto& pattern) {
    return std::find(defaults.begin(), defaults.end(), pattern) == defaults.end();
  });
  auto include_patterns = NamePatterns::make(std::move(include), "topics");
  if (!include_patterns) return include_patterns.error();
  auto exclude_patterns = NamePatterns::make(std::move(exclude), "topics.exclude");
  if (!exclude_patterns) return exclude_patterns.error();
  auto own_patterns = NamePatterns::make(std::move(own), "topics.exclude");
  if (!own_patterns) return own_patterns.error();

  TopicFilter filter;
  filter.include_ = *std::move(include_patterns);
  filter.exclude_ = *std::move(exclude_patterns);
  filter.user_exclude_ = *std::move(own_patterns);
  filter.debezium_heartbeats_ = mirror_debezium_heartbeats;
  return filter;
}

FilterVerdict TopicFilter::debezium_verdict(std::string_view topic) const {
  if (!debezium_heartbeats_) return {false, "mirroring of Debezium's heartbeats is off"};
  const PatternHit excluded = user_exclude_.hit(topic);
  if (excluded.pattern) return {false, "excluded by " + *excluded.pattern};
  if (excluded.undecided) return {false, "topics.exclude: " + *excluded.undecided};
  return {true, "a heartbeat topic of Debezium"};
}

FilterVerdict TopicFilter::verdict(std::string_view topic) const {
  if (is_debezium_heartbeat(topic)) return debezium_verdict(topic);
  const PatternHit excluded = exclude_.hit(topic);
  if (excluded.pattern) return {false, "excluded by " + *excluded.pattern};
  // What an exclude pattern could not decide stays where it is: copied data cannot be taken back.
  if (excluded.undecided) return {false, "topics.exclude: " + *excluded.undecided};
  const PatternHit included = include_.hit(topic);
  if (included.pattern) return {true, "included by " + *included.pattern};
  if (included.undecided) return {false, "topics: " + *included.undecided};
  return {false, "not in topics"};
}

}  // namespace longspan

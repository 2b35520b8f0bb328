#include "mirror/groups/translate.h"

#include <utility>

namespace longspan {

namespace {

constexpr const char* kNoMap = "no offset map: this flow does not mirror the partition";

}  // namespace

TranslatedPosition PositionTranslator::to_target(const TopicPartition& source,
                                                 Offset position) const {
  TranslatedPosition answer;
  answer.source = source;
  answer.target = {naming_.target_topic(source.topic), source.partition};
  answer.from = position;
  if (const OffsetMap* map = find_map_(source)) {
    answer.to = map->to_target(position);
  } else {
    answer.reason = kNoMap;
  }
  return answer;
}

TranslatedPosition PositionTranslator::to_source(const TopicPartition& target,
                                                 Offset position) const {
  TranslatedPosition answer;
  answer.target = target;
  answer.from = position;
  const auto source_topic = naming_.source_topic_of(target.topic);
  if (!source_topic) {
    answer.reason = "the topic does not come from the cluster '" + naming_.source_alias() + "'";
    return answer;
  }
  answer.source = {*source_topic, target.partition};
  if (const OffsetMap* map = find_map_(answer.source)) {
    answer.to = map->to_source(position);
  } else {
    answer.reason = kNoMap;
  }
  return answer;
}

std::vector<TranslatedPosition> PositionTranslator::to_target(const Positions& source) const {
  std::vector<TranslatedPosition> answers;
  answers.reserve(source.size());
  for (const auto& [partition, position] : source) {
    answers.push_back(to_target(partition, position));
  }
  return answers;
}

std::vector<TranslatedPosition> PositionTranslator::to_source(const Positions& target) const {
  std::vector<TranslatedPosition> answers;
  answers.reserve(target.size());
  for (const auto& [partition, position] : target) {
    answers.push_back(to_source(partition, position));
  }
  return answers;
}

}  // namespace longspan

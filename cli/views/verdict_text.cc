#include "cli/views/verdict_text.h"

#include <nlohmann/json.hpp>

#include "lagcalc/printable.h"
#include "lagcalc/text.h"

namespace longspan {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kToldMax = 20;  // of a partition; JSON has all

std::string count(std::int64_t number, const std::string& word) {
  return std::to_string(number) + " " + word;
}

std::string counts_of(const Tally& tally) {
  std::string out = count(tally.equal, "equal") + ", " + count(tally.different, "different") +
                    ", " + count(tally.missing, "missing") + ", " + count(tally.twice, "twice") +
                    ", " + count(tally.foreign, "foreign");
  const std::pair<std::int64_t, const char*> rare[] = {
      {tally.compacted, "compacted away on one side, rightly"},
      {tally.before_start, "on the target from before the mirror's start"},
      {tally.expired, "expired on one side"},
      {tally.left_out, "left out, as events say"},
      {tally.lost_on_target, "lost on the target and gone over"},
      {tally.undecided, "undecided"}};
  for (const auto& [number, words] : rare) {
    if (number > 0) out += ", " + count(number, words);
  }
  return out;
}

std::string place(const TopicPartition& partition, const std::optional<Offset>& offset) {
  return partition.text() + (offset ? " offset " + std::to_string(offset->value) : "");
}

std::string difference_of(const PartitionVerdict& partition) {
  const auto& found = *partition.first_difference;
  const auto source = found.source ? "source " + place(partition.source, found.source) : "";
  const auto target = "target " + place(partition.target, found.target);
  return source + (source.empty() ? "" : ", ") + target + ": " + found.what;
}

// "orders:0: 40 source records of [60, 100) are not on the target: target_truncated (event 3/17):
// ..."
std::string told_of(const PartitionVerdict& partition) {
  std::string out;
  std::size_t shown = 0;
  for (const auto& told : partition.told) {
    if (++shown > kToldMax) {
      const auto more = partition.told.size() - kToldMax;
      return out + partition.source.text() + ": and " + std::to_string(more) +
             " more such events, see longspan events FILE\n";
    }
    out += partition.source.text() + ": ";
    if (told.from && told.to) {
      out += std::to_string(told.records) + " source records of " +
             range_text(*told.from, *told.to) + " are";
    } else {
      out += "source records that the event does not name are, or were,";
    }
    out += " not on the target: " + std::string(name(told.kind)) + " (event " + told.event +
           "): " + printable(told.text) + "\n";
  }
  return out;
}

std::string lines_of(const PartitionVerdict& partition, const TableStyle& style) {
  std::string out;
  if (partition.trouble) {
    out += tinted(partition.source.text() +
                      " was not compared to its end: " + printable(partition.trouble->text()),
                  Tint::bad, style) +
           "\n";
  }
  if (!partition.narrowed.empty()) {
    out += partition.source.text() + " is compared in " + range_text(partition.from, partition.to) +
           " only: " + partition.narrowed + "\n";
  }
  out += told_of(partition);
  for (const auto& range : partition.unreadable) {
    out += partition.source.text() + ": source records " + range_text(range.from, range.to) +
           " cannot be read: " + range.why + "\n";
  }
  if (!partition.tally.is_clean() || partition.tally.undecided > 0) {
    out += partition.source.text() + " [" + std::to_string(partition.from.value) + ", " +
           std::to_string(partition.to.value) + "): " + counts_of(partition.tally) + "\n";
  }
  return out;
}

// A foreign record comes first only where nothing else is wrong, and has no source.
std::string first_of(const PartitionVerdict& partition) {
  if (!partition.first_difference->source) return "first foreign record: ";
  return partition.tally.different > 0 ? "first difference: " : "first missing record: ";
}

// Why nothing was looked at, and where there is something.
std::string nothing_of(const Verdict& verdict) {
  const auto total = verdict.total();
  std::string out = "nothing to compare: ";
  if (verdict.partitions.empty()) return out + "no partition is mirrored yet\n";
  out += "no mirrored record of the range is on both sides";
  if (verdict.partitions.size() == 1) {
    const auto& only = verdict.partitions.front();
    out += "; of " + only.source.text() + " source offsets " +
           range_text(only.mirrored_from, only.mirrored_to) + " are mirrored";
  }
  return out + (total == Tally{} ? "\n" : " (" + counts_of(total) + ")\n");
}

Json json_of(const Tally& tally) {
  return {{"verified", tally.verified()},
          {"equal", tally.equal},
          {"compacted", tally.compacted},
          {"different", tally.different},
          {"missing", tally.missing},
          {"twice", tally.twice},
          {"foreign", tally.foreign},
          {"before_start", tally.before_start},
          {"expired", tally.expired},
          {"left_out", tally.left_out},
          {"lost_on_target", tally.lost_on_target},
          {"undecided", tally.undecided}};
}

Json json_of(const PartitionVerdict& partition) {
  Json json;
  json["topic"] = partition.source.topic;
  json["partition"] = partition.source.partition;
  json["target_topic"] = partition.target.topic;
  json["from_offset"] = partition.from.value;
  json["to_offset"] = partition.to.value;
  json["tally"] = json_of(partition.tally);
  if (partition.first_difference) {
    auto& found = json["first_difference"];
    const auto& difference = *partition.first_difference;
    if (difference.source) found["source_offset"] = difference.source->value;
    if (difference.target) found["target_offset"] = difference.target->value;
    found["what"] = difference.what;
  }
  if (partition.trouble) json["trouble"] = partition.trouble->text();
  if (!partition.narrowed.empty()) json["narrowed"] = partition.narrowed;
  for (const auto& told : partition.told) {
    Json each{{"event", told.event}, {"kind", name(told.kind)}, {"text", told.text}};
    if (told.from) each["from_offset"] = told.from->value;
    if (told.to) each["to_offset"] = told.to->value;
    each["records"] = told.records;
    json["told"].push_back(std::move(each));
  }
  for (const auto& range : partition.unreadable) {
    json["unreadable"].push_back(
        {{"from_offset", range.from.value}, {"to_offset", range.to.value}, {"why", range.why}});
  }
  return json;
}

}  // namespace

std::string verdict_text(const std::string& flow, const Verdict& verdict, const TableStyle& style) {
  const auto total = verdict.total();
  std::string out;
  for (const auto& partition : verdict.partitions) out += lines_of(partition, style);
  if (const auto* first = verdict.first_difference()) {
    out += tinted(first_of(*first) + difference_of(*first), Tint::bad, style) + "\n";
  }
  if (verdict.proved_nothing() && total.is_clean() && verdict.first_trouble() == nullptr) {
    return out + flow + ": " + nothing_of(verdict);
  }
  return out + flow + ": verified " + std::to_string(total.verified()) + " records in " +
         std::to_string(verdict.partitions.size()) + " partitions: " + counts_of(total) + "\n";
}

std::string verdict_json(const std::string& flow, const Verdict& verdict) {
  const auto total = verdict.total();
  Json json;
  json["version"] = 1;
  json["flow"] = flow;
  json["equal"] =
      total.is_clean() && verdict.first_trouble() == nullptr && !verdict.proved_nothing();
  json["total"] = json_of(total);
  json["partitions"] = Json::array();
  for (const auto& partition : verdict.partitions) json["partitions"].push_back(json_of(partition));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace longspan

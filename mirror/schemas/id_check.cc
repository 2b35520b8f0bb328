#include "mirror/schemas/id_check.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <set>
#include <utility>

#include "mirror/schemas/inventory.h"
#include "mirror/schemas/schema_pair.h"
#include "mirror/schemas/workers.h"

namespace longspan {
namespace {

using Which = decltype(SchemaMark::which);

constexpr auto kNames = std::to_array<std::string_view>(
    {"equal", "different", "missing_on_target", "unknown", "unchecked"});

// What counts where an id is known in several contexts and one of them is meant.
constexpr int rank(MarkVerdict verdict) {
  switch (verdict) {
    case MarkVerdict::unknown:
      return 0;
    case MarkVerdict::equal:
      return 1;
    case MarkVerdict::unchecked:
      return 2;
    case MarkVerdict::missing_on_target:
      return 3;
    case MarkVerdict::different:
      return 4;
  }
  return 0;
}

// A mark in a context, and what the two registries say of it; several topics may carry it.
struct Question {
  Which which;
  Subject source;  // of the context; of a GUID any
  Subject target;
  std::optional<Schema> ours;
  std::optional<Schema> theirs;
  MarkVerdict verdict = MarkVerdict::unchecked;
  std::string reason = {};
};

RegistryResult<std::optional<Schema>> look_up(Registry& registry, const Which& which,
                                              const Subject& seen_in) {
  if (const auto* guid = std::get_if<SchemaGuid>(&which)) {
    return registry.schema_by_guid(guid->text());
  }
  return registry.schema(std::get<std::int32_t>(which), seen_in);
}

// By id some registries leave out what a schema refers to; by one of its versions none does.
RegistryResult<Schema> whole_schema(Registry& registry, const Question& question,
                                    const Subject& seen_in, const Schema& by_id) {
  const auto* id = std::get_if<std::int32_t>(&question.which);
  if (id == nullptr) return by_id;
  const auto users = registry.users(*id, seen_in);
  if (!users) return users.error();
  if (users->empty()) return by_id;
  auto version = registry.version(users->front());
  if (!version) return version.error();
  return *version ? std::move((*version)->schema) : by_id;
}

class Checking {
 public:
  Checking(const Census& census, const RegistrySides& sides)
      : census_(census), sides_(sides), pairs_(sides.source, sides.target, sides.rules) {}

  IdCheck check() {
    read_contexts();
    gather();
    for_each_at_once(questions_.size(), kRequestsAtOnce, [this](std::size_t i) { ask(i); });
    for (auto& question : questions_) decide(question);
    for (const auto& [topic, each] : census_.topics) {
      for (const RecordPart part : kRecordParts) judge(topic, part, each);
    }
    out_.unread = census_.troubles;
    return std::move(out_);
  }

 private:
  using Place = std::pair<Which, std::string>;  // context of the source; of GUIDs none

  // A registry that does not list its subjects is asked in the default context.
  void read_contexts() {
    const auto subjects = sides_.source.subjects(true);
    if (!subjects && subjects.error().kind == RegistryError::Kind::unreachable) {
      lost_ = subjects.error().text();
    }
    if (!subjects) return;
    for (const auto& subject : *subjects) {
      const bool is_mirrored = sides_.rules.selects(subject);
      if (is_mirrored) contexts_.insert(subject.context);
      auto& [mirrored, others] = contexts_of_name_[subject.name];
      (is_mirrored ? mirrored : others).insert(subject.context);
    }
  }

  // Those of the topic's own subject, the mirrored ones if there are any; else all mirrored ones.
  std::set<std::string> contexts_of(const std::string& subject) const {
    const auto named = contexts_of_name_.find(subject);
    if (named != contexts_of_name_.end()) {
      const auto& [mirrored, others] = named->second;
      return mirrored.empty() ? others : mirrored;
    }
    if (!contexts_.empty()) return contexts_;
    return {std::string(kDefaultContext)};
  }

  std::string subject_of(const std::string& topic, RecordPart part) const {
    return sides_.source_topic(topic) + "-" + std::string(name(part));
  }

  void gather() {
    for (const auto& [topic, each] : census_.topics) {
      for (const RecordPart part : kRecordParts) {
        const auto& marks = each.parts[static_cast<std::size_t>(part)].marks;
        if (marks.empty()) continue;
        const std::string subject = subject_of(topic, part);
        for (const auto& [mark, seen] : marks) {
          for (const auto& place : places_of(mark, subject)) add_question(place, subject);
        }
      }
    }
  }

  std::vector<Place> places_of(const SchemaMark& mark, const std::string& subject) const {
    if (std::holds_alternative<SchemaGuid>(mark.which)) return {{mark.which, ""}};
    std::vector<Place> out;
    for (const auto& context : contexts_of(subject)) out.emplace_back(mark.which, context);
    return out;
  }

  void add_question(const Place& place, const std::string& subject) {
    if (!indices_.try_emplace(place, questions_.size()).second) return;
    const bool is_guid = place.second.empty();
    const Subject source{is_guid ? std::string(kDefaultContext) : place.second, subject};
    questions_.push_back({place.first, source, sides_.rules.target_subject(source), {}, {}});
  }

  void ask(std::size_t i) {
    Question& question = questions_[i];
    {
      const std::lock_guard lock(mutex_);
      question.reason = lost_;
      if (!lost_.empty()) return;
    }
    auto ours = look_up(sides_.source, question.which, question.source);
    if (!ours) return give_up(question, ours.error());
    auto theirs = look_up(sides_.target, question.which, question.target);
    if (!theirs) return give_up(question, theirs.error());
    question.ours = std::move(*ours);
    question.theirs = std::move(*theirs);
    const bool is_known = question.ours.has_value();
    question.verdict = is_known ? MarkVerdict::missing_on_target : MarkVerdict::unknown;
    question.reason = is_known ? "the target's registry does not know it"
                               : "the source's registry does not know it";
    if (is_known && question.theirs) question.verdict = MarkVerdict::equal;
  }

  void give_up(Question& question, const RegistryError& error) {
    question.verdict = MarkVerdict::unchecked;
    question.reason = error.text();
    if (error.kind != RegistryError::Kind::unreachable) return;
    const std::lock_guard lock(mutex_);
    lost_ = error.text();
  }

  // Both know it; on one thread, for what they refer to is mostly the same.
  void decide(Question& question) {
    if (question.verdict != MarkVerdict::equal) return;
    if (!lost_.empty() && !question.ours->references.empty()) {
      question.verdict = MarkVerdict::unchecked;
      question.reason = lost_;
      return;
    }
    PlacedSchema ours{std::move(*question.ours), question.source};
    PlacedSchema theirs{std::move(*question.theirs), question.target};
    if (!pairs_.has_same_references(ours, theirs)) {
      auto our_whole = whole_schema(sides_.source, question, ours.place, ours.schema);
      if (!our_whole) return give_up(question, our_whole.error());
      auto their_whole = whole_schema(sides_.target, question, theirs.place, theirs.schema);
      if (!their_whole) return give_up(question, their_whole.error());
      ours.schema = std::move(*our_whole);
      theirs.schema = std::move(*their_whole);
    }
    auto difference = pairs_.difference(ours, theirs);
    if (!difference) return give_up(question, difference.error());
    question.ours = std::move(ours.schema);
    question.theirs = std::move(theirs.schema);
    question.reason = *difference;
    if (!difference->empty()) question.verdict = MarkVerdict::different;
  }

  // In the context that speaks loudest.
  const Question& meaning(const SchemaMark& mark, const std::string& subject) const {
    const Question* out = nullptr;
    for (const auto& place : places_of(mark, subject)) {
      const Question& each = questions_[indices_.at(place)];
      if (out == nullptr || rank(each.verdict) > rank(out->verdict)) out = &each;
    }
    return *out;
  }

  bool is_framed(const PartCensus& census, const std::string& subject) const {
    return std::any_of(census.marks.begin(), census.marks.end(), [&](const auto& each) {
      const Question& question = meaning(each.first, subject);
      return each.first.is_in_header || question.ours || question.theirs;
    });
  }

  void judge(const std::string& topic, RecordPart part, const TopicCensus& all) {
    const PartCensus& census = all.parts[static_cast<std::size_t>(part)];
    const std::string subject = subject_of(topic, part);
    CheckedPart out{topic, part, {}, census.unmarked, census.has_more};
    const bool is_framed_part = is_framed(census, subject);
    for (const auto& [mark, seen] : census.marks) {
      const Question& question = meaning(mark, subject);
      if (is_framed_part || question.verdict == MarkVerdict::unchecked) {
        out.marks.push_back({mark, seen, question.verdict, question.reason});
      } else {
        out.unframed += seen.records;
      }
    }
    if (!out.marks.empty() || out.unframed > 0) out_.parts.push_back(std::move(out));
  }

  const Census& census_;
  const RegistrySides& sides_;
  SchemaPairs pairs_;
  std::set<std::string> contexts_;  // of what is mirrored
  // By a subject's name: the contexts in which it is mirrored, and the others that have it.
  std::map<std::string, std::pair<std::set<std::string>, std::set<std::string>>> contexts_of_name_;
  std::map<Place, std::size_t> indices_;  // of questions
  std::vector<Question> questions_;
  IdCheck out_;
  std::mutex mutex_;
  std::string lost_;  // why no more is asked; empty: it is
};

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

void join(std::string& out, const std::string& more) { out += (out.empty() ? "" : "; ") + more; }

}  // namespace

std::string_view name(MarkVerdict verdict) { return kNames[static_cast<std::size_t>(verdict)]; }

bool IdCheck::is_equal() const {
  const auto is_fine = [](const CheckedMark& each) {
    return each.verdict == MarkVerdict::equal || each.verdict == MarkVerdict::unchecked;
  };
  return std::all_of(parts.begin(), parts.end(), [&](const CheckedPart& part) {
    return std::all_of(part.marks.begin(), part.marks.end(), is_fine);
  });
}

std::optional<std::string> IdCheck::gaps() const {
  struct Unasked {
    std::set<Which> marks;
    std::int64_t records = 0;
    std::string reason;  // of the first
  };
  std::array<Unasked, 2> unasked;  // ids, GUIDs
  std::size_t cut = 0;
  for (const auto& part : parts) {
    cut += part.has_more ? 1 : 0;
    for (const auto& each : part.marks) {
      if (each.verdict != MarkVerdict::unchecked) continue;
      auto& kind = unasked[each.mark.which.index()];
      kind.marks.insert(each.mark.which);
      kind.records += each.seen.records;
      if (kind.reason.empty()) kind.reason = each.reason;
    }
  }
  std::string out;
  if (!unread.empty()) {
    const auto& [partition, error] = *unread.begin();
    join(out, counted(unread.size(), "partition", "partitions") + " not read to the end (" +
                  partition.text() + ": " + error.text() + ")");
  }
  for (const auto& kind : unasked) {
    if (kind.marks.empty()) continue;
    const bool is_id = &kind == unasked.data();
    join(out, (is_id ? counted(kind.marks.size(), "id", "ids")
                     : counted(kind.marks.size(), "GUID", "GUIDs")) +
                  " of " + std::to_string(kind.records) + " records not looked up (" + kind.reason +
                  ")");
  }
  if (cut > 0) {
    join(out, "more than " + std::to_string(kMarksMax) + " ids in the keys or values of " +
                  counted(cut, "topic", "topics"));
  }
  if (out.empty()) return std::nullopt;
  return out;
}

IdCheck check_ids(const Census& census, const RegistrySides& sides) {
  return Checking(census, sides).check();
}

}  // namespace longspan

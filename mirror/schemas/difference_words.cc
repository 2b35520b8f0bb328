#include "mirror/schemas/difference_words.h"

#include <array>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"missing",           "deleted_on_target", "live_on_target", "config",     "mode",
     "ids_not_reserved",  "other_schema",      "other_id",       "id_taken",   "reference_missing",
     "reference_differs", "reference_cycle",   "same_name",      "no_context", "only_on_target",
     "default_config",    "unreadable",        "incompatible",   "not_taken",  "still_in_import",
     "read_only"});

}  // namespace

std::string_view name(DifferenceKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  LONGSPAN_ASSERT(index < kNames.size());
  return kNames[index];
}

std::string read_only_words(const Subject& scope, const std::string& mode, std::size_t waiting) {
  const std::string path = scope == Subject{} ? "/mode" : "/mode/" + scope.text();
  const std::string who =
      waiting == 1 ? "1 subject waits" : std::to_string(waiting) + " subjects wait";
  const std::string inherited = scope.name.empty() ? who + " for it" : "";
  return "its mode is " + mode + ", so nothing is written here" +
         (inherited.empty() ? "" : " and " + inherited) + "; when that may end: PUT " + path +
         R"( {"mode":"READWRITE"}, and run this again)";
}

std::string_view gone_words(bool is_ours) {
  return is_ours ? "the source has no such subject: it was deleted there for good"
                 : "the source has no such subject: it was deleted there for good, or somebody "
                   "else put it into IMPORT (schema.subjects.exclude leaves it out)";
}

std::string left_in_import_words(const Subject& named) {
  return "it is in IMPORT without a live version, and the source has no such subject: DELETE "
         "/mode/" +
         named.text() + " ends that";
}

std::string registered_anew_words(const SubjectVersion& at) {
  const std::string request =
      "DELETE /subjects/" + at.subject.text() + "/versions/" + std::to_string(at.version);
  return "; its subject was deleted for good at the source and registered anew, or somebody else "
         "imports into it: to have the source's, " +
         request + " and " + request +
         "?permanent=true on the target, and run this again; records of the old one's id can be "
         "read there no more";
}

std::string not_reserved_words(std::int32_t id, bool is_in_use) {
  const std::string ids = "the source gave out ids up to " + std::to_string(id) +
                          ", which the target would give to other schemas";
  return is_in_use ? ids +
                         "; the last of them is of a version that could not be brought, and free "
                         "until it can"
                   : ids;
}

std::string no_context_words(const Subject& source, const Subject& target, const std::string& why) {
  const std::string_view otherwise =
      source.context == target.context
          ? "leave the context out (schema.contexts)"
          : "take schema.target.context away where the source's ids are free";
  return "it is to be in context " + target.context + ", and the target's registry " + why +
         ": mirror to one that has, or " + std::string(otherwise);
}

std::string_view as_referred_to(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::other_schema:
      return ", which is another schema here";
    case DifferenceKind::other_id:
      return ", which has another id here";
    case DifferenceKind::id_taken:
      return ", whose id stands for another schema here";
    case DifferenceKind::same_name:
      return ", whose name is another subject's here";
    case DifferenceKind::no_context:
      return ", whose context cannot be had here";
    case DifferenceKind::unreadable:
      return ", which cannot be read here";
    default:
      return ", which cannot be imported here";
  }
}

}  // namespace longspan

// May a schema be registered? Asked without registering it.
#include "mirror/schemas/embedded/metadata.h"
#include "mirror/schemas/embedded/parsing.h"
#include "mirror/schemas/embedded/registration.h"

namespace longspan::embedded {
namespace {

Answer checked(const RegistryState& state, const Call& call, const Subject& subject,
               const std::vector<const StoredVersion*>& earlier) {
  auto posted = read_schema(call.request.body);
  if (!posted) return posted.error();
  if (is_blank(posted->schema.text)) {
    return error_answer(ErrorCode::invalid_schema, "Empty schema");
  }
  const auto parsed = understand(state.store, subject.context, posted->schema, Defaults::checked);
  if (!parsed) return parsed.error();
  const auto reasons = reasons_in_way(state, subject, posted->schema, *parsed, earlier);
  return {200, compatibility_body(reasons, call.query.is_true("verbose"))};
}

}  // namespace

std::vector<std::string> reasons_in_way(const RegistryState& state, const Subject& subject,
                                        const Schema& schema, const ParsedSchema& parsed,
                                        const std::vector<const StoredVersion*>& earlier) {
  const auto config = state.settings.config_in_scope(subject);
  const auto word = read_text(config, "compatibility");
  const auto level = parse_level((*word).value_or("")).value_or(CompatibilityLevel::backward);
  const auto group = read_text(config, "compatibilityGroup").value_or(std::nullopt);
  const auto value_of = [&](const Schema& one) { return metadata_property(one.metadata, *group); };
  std::vector<ParsedVersion> compared;
  for (const StoredVersion* one : earlier) {
    if (group && value_of(one->schema) != value_of(schema)) continue;
    compared.push_back(understood(state.store, *one));
  }
  return reasons_against(level, parsed, compared);
}

Answer check_version(RegistryState& state, const Call& call) {
  const Subject subject = subject_of(state, call.words[0]);
  const auto word = read_version(call.words[1]);
  if (!word) return word.error();
  const auto found = find_version(state.store, subject, *word, Deleted::excluded);
  // Nothing stands in the way of the first one.
  if (!found && !word->number) return checked(state, call, subject, {});
  if (!found) return found.error();
  return checked(state, call, subject, {*found});
}

Answer check_versions(RegistryState& state, const Call& call) {
  const Subject subject = subject_of(state, call.words[0]);
  return checked(state, call, subject, state.store.versions(subject, Deleted::excluded));
}

}  // namespace longspan::embedded

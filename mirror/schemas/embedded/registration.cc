// How a schema becomes a version of a subject: POST /subjects/{s}/versions, and the look-up that
// comes before it.
//
// Outside of IMPORT a schema is populated, understood, found to be known, compared with earlier
// versions, numbered. In IMPORT it is taken as it is, with the id and version that it has: a
// version that is there is replaced, deleted or not, as Confluent does it. Only an id's content
// never changes.
#include "mirror/schemas/embedded/registration.h"

#include <algorithm>
#include <utility>

#include "mirror/schemas/embedded/metadata.h"
#include "mirror/schemas/embedded/parsing.h"
#include "mirror/schemas/embedded/qualified_subject.h"

namespace longspan::embedded {
namespace {

// One POST, on its way through the rules. A rule answers nothing, or what ends it.
class Registration {
 public:
  using Ends = std::optional<Answer>;

  Registration(RegistryState& state, Subject subject, PostedSchema posted)
      : state_(state),
        subject_(std::move(subject)),
        posted_(std::move(posted)),
        mode_(state.settings.mode_in_scope(subject_)),
        config_(state.settings.config_in_scope(subject_)) {
    ignore_what_faults_ignore();
  }

  Answer run(bool is_forced) {
    if (auto ends = known_before()) return *ends;
    if (auto ends = refused_by_mode()) return *ends;
    if (!is_taken_as_it_is()) populate_schema();
    if (auto ends = malformed()) return *ends;
    if (auto ends = known_in_context()) return *ends;
    if (!is_import() && !is_forced) {
      if (auto ends = incompatible()) return *ends;
    }
    if (auto ends = refused_version()) return *ends;
    if (auto ends = refused_id()) return *ends;
    return stored();
  }

 private:
  [[nodiscard]] bool is_import() const { return mode_ == "IMPORT" || mode_ == "FORWARD"; }
  [[nodiscard]] bool is_taken_as_it_is() const {
    return is_import() || (has_fault(Fault::id_in_readwrite) && posted_.id);
  }
  [[nodiscard]] bool has_fault(Fault fault) const { return state_.faults.is_on(fault); }

  void ignore_what_faults_ignore() {
    if (has_fault(Fault::no_import) || has_fault(Fault::other_id)) {
      posted_.id.reset();
      posted_.version.reset();
    }
    if (has_fault(Fault::drop_metadata) && posted_.id) {
      posted_.schema.metadata.clear();
      posted_.schema.rule_set.clear();
    }
  }

  // Asked before the mode is: to post what is there is fine in every mode.
  Ends known_before() {
    if (has_fault(Fault::id_in_readwrite) && posted_.id) return std::nullopt;
    if (posted_.version || has_defaults(config_)) return std::nullopt;
    const auto found = look_up(state_, subject_, posted_.schema, Deleted::excluded);
    if (!found) return found.error();
    if (*found == nullptr || (posted_.id && *posted_.id != (*found)->id)) return std::nullopt;
    return Answer{200, registered_body(**found, false)};
  }

  Ends refused_by_mode() const {
    const std::string who =
        "Subject " + qualified_text(subject_) + " in context " + subject_.context;
    if (mode_ == "READONLY" || mode_ == "READONLY_OVERRIDE") {
      return not_permitted(who + " is in read-only mode");
    }
    if (posted_.id && !is_import() && !has_fault(Fault::id_in_readwrite)) {
      return not_permitted(who + " is not in import mode");
    }
    if (!posted_.id && mode_ != "READWRITE") {
      return not_permitted(who + " is not in read-write mode");
    }
    return std::nullopt;
  }

  void populate_schema() {
    const StoredVersion* previous = state_.store.latest(subject_);
    Schema& schema = posted_.schema;
    const Schema before = schema;
    if (is_blank(schema.text) && previous != nullptr) {
      schema.text = previous->schema.text;
      schema.type = previous->schema.type;
      schema.references = previous->schema.references;
    }
    populate(schema, {config_, previous == nullptr ? nullptr : &previous->schema,
                      state_.store.next_version(subject_), posted_.version.has_value()});
    is_populated_ = !(before == schema);
  }

  Ends malformed() {
    if (is_blank(posted_.schema.text)) {
      return error_answer(ErrorCode::invalid_schema, "Empty schema");
    }
    auto parsed = understand(state_.store, subject_.context, posted_.schema,
                             posted_.id ? Defaults::taken : Defaults::checked);
    if (!parsed) return parsed.error();
    parsed_ = std::move(parsed).value();
    return std::nullopt;
  }

  // The schema has an id in this context already: then it keeps it.
  Ends known_in_context() {
    const auto known = state_.store.id_of(subject_.context, posted_.schema);
    if (!known || (posted_.id && *posted_.id != *known)) return std::nullopt;
    if (has_fault(Fault::id_in_readwrite) && posted_.id) return std::nullopt;
    id_ = known;
    if (posted_.version) return std::nullopt;
    for (const StoredVersion* user : state_.store.users(subject_.context, *known)) {
      if (user->subject == subject_ && !user->is_deleted) {
        return Answer{200, registered_body(*user, is_populated_)};
      }
    }
    return std::nullopt;
  }

  Ends incompatible() const {
    const auto earlier = state_.store.versions(subject_, Deleted::excluded);
    const auto reasons = reasons_in_way(state_, subject_, posted_.schema, *parsed_, earlier);
    if (reasons.empty()) return std::nullopt;
    std::string all;
    for (const std::string& reason : reasons) all += (all.empty() ? "" : ", ") + reason;
    return error_answer(ErrorCode::incompatible,
                        "Schema being registered is incompatible with an earlier schema for "
                        "subject \"" +
                            qualified_text(subject_) + "\", details: [" + all + "]");
  }

  Ends refused_version() {
    const std::int32_t next = state_.store.next_version(subject_);
    version_ = posted_.version.value_or(next);
    const bool is_free = mode_ == "IMPORT" || has_fault(Fault::id_in_readwrite);
    if (version_ == next || is_free) return std::nullopt;
    return error_answer(ErrorCode::invalid_schema, "Version is not one more than previous version");
  }

  Ends refused_id() {
    if (!id_) id_ = posted_.id;
    if (!id_) {
      id_ = state_.store.next_id(subject_.context);
      if (state_.store.users(subject_.context, *id_).empty()) return std::nullopt;
      return error_answer(ErrorCode::store, "No id is left in context " + subject_.context);
    }
    const auto users = state_.store.users(subject_.context, *id_);
    if (has_fault(Fault::id_in_readwrite) && posted_.id && !users.empty()) {
      return error_answer(ErrorCode::id_does_not_match,
                          "Schema already registered with id " + std::to_string(*id_));
    }
    if (!users.empty() && !(users.front()->schema == posted_.schema)) {
      return not_permitted("Overwrite new schema with id " + std::to_string(*id_) + " in context " +
                           subject_.context + " is not permitted.");
    }
    return has_fault(Fault::taken_version) && posted_.id ? already_there() : std::nullopt;
  }

  // Of the fault taken_version: what is there wins, and the answer looks like success.
  Ends already_there() const {
    for (const StoredVersion* one : state_.store.versions(subject_, Deleted::included)) {
      if (one->version == version_ || one->schema == posted_.schema) {
        return Answer{200, registered_body(*one, false)};
      }
    }
    return std::nullopt;
  }

  // An older version of the same schema that was deleted makes room, if nobody refers to it.
  void erase_older_deleted() {
    std::vector<std::int32_t> older;
    for (const StoredVersion* one : state_.store.versions(subject_, Deleted::only)) {
      const bool is_older = one->id == *id_ && one->version < version_;
      if (is_older && state_.store.referrers(subject_, one->version).empty()) {
        older.push_back(one->version);
      }
    }
    for (const std::int32_t version : older) state_.store.erase(subject_, version);
  }

  Answer stored() {
    erase_older_deleted();
    state_.store.put({subject_, version_, *id_, posted_.schema, false});
    return {200, registered_body(*state_.store.find(subject_, version_), is_populated_)};
  }

  RegistryState& state_;
  const Subject subject_;
  PostedSchema posted_;
  const std::string mode_;
  const std::string config_;
  std::optional<ParsedSchema> parsed_;
  std::optional<std::int32_t> id_;
  std::int32_t version_ = 0;
  bool is_populated_ = false;
};

const StoredVersion* equal_version(const SchemaStore& store, const Subject& subject,
                                   const Schema& schema, Deleted deleted) {
  const auto all = store.versions(subject, deleted);
  const auto found = std::find_if(all.rbegin(), all.rend(), [&](const StoredVersion* one) {
    return one->schema == schema || without_version(one->schema) == schema;
  });
  return found == all.rend() ? nullptr : *found;
}

}  // namespace

Result<const StoredVersion*, Answer> look_up(const RegistryState& state, const Subject& subject,
                                             Schema schema, Deleted deleted) {
  if (is_blank(schema.text)) return static_cast<const StoredVersion*>(nullptr);
  const auto parsed = understand(state.store, subject.context, schema, Defaults::taken);
  if (!parsed) return parsed.error();
  const StoredVersion* found = equal_version(state.store, subject, schema, deleted);
  const StoredVersion* previous = state.store.latest(subject);
  if (found != nullptr || previous == nullptr) return found;
  const std::string config = state.settings.config_in_scope(subject);
  populate(schema, {config, &previous->schema, std::nullopt, false});
  return equal_version(state.store, subject, schema, deleted);
}

Answer post_version(RegistryState& state, const Call& call) {
  const Subject subject = subject_of(state, call.words[0]);
  auto posted = read_schema(call.request.body);
  if (!posted) return posted.error();
  if (!may_hold_schemas(subject) || !is_utf8(call.words[0])) {
    return error_answer(ErrorCode::invalid_subject,
                        "The specified subject '" + call.words[0] + "' is not a valid subject");
  }
  return Registration(state, subject, std::move(posted).value()).run(call.query.is_true("force"));
}

Answer look_up_schema(RegistryState& state, const Call& call) {
  const Subject subject = subject_of(state, call.words[0]);
  const auto posted = read_schema(call.request.body);
  if (!posted) return posted.error();
  const Deleted deleted = call.query.is_true("deleted") ? Deleted::included : Deleted::excluded;
  if (!state.store.has(subject, deleted)) return subject_not_found(call.words[0]);
  const auto found = look_up(state, subject, posted->schema, deleted);
  if (!found) return found.error();
  if (*found == nullptr) return schema_not_found("");
  return {200, version_body(**found, call.shown())};
}

}  // namespace longspan::embedded

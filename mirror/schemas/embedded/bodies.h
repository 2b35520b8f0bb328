// mirror/schemas/embedded/bodies.h - the JSON of requests and answers.
//
// Errors:  400 where a body is not the JSON that the call takes.
// Threads: free functions.
// Source:  Confluent Schema Registry: entities/Schema, SchemaString, RegisterSchemaRequest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/result.h"
#include "mirror/schemas/embedded/request.h"
#include "mirror/schemas/embedded/schema_store.h"

namespace longspan::embedded {

struct PostedSchema {
  Schema schema;  // its text as it was sent, empty when there was none
  std::optional<std::int32_t> id;
  std::optional<std::int32_t> version;
};
Result<PostedSchema, Answer> read_schema(const std::string& body);
// The text of a member of a JSON object; absent: there is none.
Result<std::optional<std::string>, Answer> read_text(const std::string& body, const char* member);

// What a request's Confluent-Accept-Unknown-Properties adds: guid, deleted.
enum class Shown : std::uint8_t { known, all };

[[nodiscard]] std::string version_body(const StoredVersion& stored, Shown shown);
[[nodiscard]] std::string versions_body(const std::vector<const StoredVersion*>& all, Shown shown);
// Of /schemas/ids/{id}; with the highest id of the context if it was asked for.
[[nodiscard]] std::string schema_body(const StoredVersion& stored, Shown shown,
                                      std::optional<std::int32_t> max_id);
// {"id":7}; of a schema that was populated all of it, as it became.
[[nodiscard]] std::string registered_body(const StoredVersion& stored, bool is_populated);
[[nodiscard]] std::string users_body(const std::vector<const StoredVersion*>& users);
[[nodiscard]] std::string compatibility_body(const std::vector<std::string>& reasons,
                                             bool with_reasons);
[[nodiscard]] std::string list_body(const std::vector<std::string>& texts);
[[nodiscard]] std::string list_body(const std::vector<std::int32_t>& numbers);
[[nodiscard]] std::string object_body(const char* member, const std::string& text);

// A name that is none could never be listed again.
[[nodiscard]] bool is_utf8(const std::string& text);

}  // namespace longspan::embedded

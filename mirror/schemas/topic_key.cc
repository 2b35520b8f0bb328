#include "mirror/schemas/topic_key.h"

#include <nlohmann/json.hpp>
#include <string>

#include "mirror/schemas/bounded_json.h"

namespace longspan {

SchemaHurry hint_of_topic_key(std::string_view key) {
  const auto body = parse_bounded(key);
  const auto text = [&](const char* name) {
    const bool is_there = body.is_object() && body.contains(name) && body[name].is_string();
    return is_there ? body[name].get<std::string>() : std::string();
  };
  SchemaHurry out;
  if (text("keytype") == "NOOP") return out;
  const auto subject = text("subject");
  if (subject.empty()) {
    out.looks = true;
  } else {
    out.subjects.insert(parse_subject(subject));
  }
  return out;
}

}  // namespace longspan

#include "mirror/schemas/embedded/qualified_subject.h"

#include <algorithm>

namespace longspan::embedded {

Subject qualify(std::string_view text) {
  if (text.starts_with(":*:")) {
    return Subject{std::string(kEveryContext), std::string(text.substr(3))};
  }
  if (!text.starts_with(":.")) return Subject{std::string(kDefaultContext), std::string(text)};
  const std::size_t end = std::min(text.find(':', 1), text.size());
  const std::size_t name = std::min(end + 1, text.size());
  return Subject{std::string(text.substr(1, end - 1)), std::string(text.substr(name))};
}

Subject qualify_within(std::string_view text, std::string_view context) {
  Subject subject = qualify(text);
  if (!text.starts_with(":.")) subject.context = context;
  return subject;
}

std::string qualified_text(const Subject& subject) {
  if (subject.context == kDefaultContext) return subject.name;
  return ":" + subject.context + ":" + subject.name;
}

bool may_hold_schemas(const Subject& subject) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  };
  const std::string text = qualified_text(subject);
  if (subject.name.empty() || std::any_of(text.begin(), text.end(), is_control)) return false;
  return subject.context != kGlobalContext && subject.context != kEveryContext &&
         subject.name != "__GLOBAL" && subject.name != "__EMPTY";
}

bool covers(const Subject& scope, const Subject& subject) {
  if (scope == subject || scope.context == kGlobalContext) return true;
  return scope.name.empty() && scope.context == subject.context;
}

}  // namespace longspan::embedded

#include "tracing/spans/messaging_names.h"

#include <algorithm>
#include <cstddef>

namespace longspan {
namespace {

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kMessagingNames.size(); ++i) {
    if (static_cast<std::size_t>(kMessagingNames[i].name) != i) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

NamesWanted names_wanted(std::string_view opt_in) {
  while (!opt_in.empty()) {
    std::string_view word = opt_in.substr(0, opt_in.find(','));
    opt_in.remove_prefix(std::min(word.size() + 1, opt_in.size()));
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (word == "messaging/dup") return NamesWanted::both;
  }
  return NamesWanted::current;
}

std::string_view old_operation(std::string_view type) {
  if (type == "send") return "publish";
  return type == "process" ? "deliver" : type;
}

void put_messaging(Attributes& attributes, MessagingName name, const AttributeValue& value,
                   NamesWanted wanted) {
  const MessagingNameRow& row = kMessagingNames[static_cast<std::size_t>(name)];
  const auto* const number = std::get_if<std::int64_t>(&value);
  if (name == MessagingName::partition && number != nullptr) {
    attributes.put(row.current, std::to_string(*number));
  } else {
    attributes.put(row.current, value);
  }
  if (row.old.empty() || wanted != NamesWanted::both) return;
  const auto* const text = std::get_if<std::string>(&value);
  if (name == MessagingName::operation_type && text != nullptr) {
    attributes.put(row.old, std::string(old_operation(*text)));
  } else {
    attributes.put(row.old, value);
  }
}

}  // namespace longspan

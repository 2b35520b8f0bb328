#include "tracing/spans/span.h"

#include <algorithm>
#include <utility>

namespace longspan {
namespace {

// Not within a character of UTF-8.
void cut(std::string& text) {
  if (text.size() <= kTextBytesMax) return;
  std::size_t size = kTextBytesMax;
  const auto goes_on = [&] { return (static_cast<std::uint8_t>(text[size]) & 0xc0) == 0x80; };
  constexpr std::size_t kCharacterBytesMax = 4;
  while (size > kTextBytesMax - kCharacterBytesMax && goes_on()) --size;
  text.resize(size);
}

template <class T>
void add_bounded(std::vector<T>& all, std::uint32_t& dropped, std::size_t max, T one) {
  if (all.size() < max) {
    all.push_back(std::move(one));
  } else {
    ++dropped;
  }
}

// Bytes of the character at the front, 0 where there is none.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool is_overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool is_surrogate = first == 0xed && byte(1) >= 0xa0;
  const bool is_too_large = first == 0xf4 && byte(1) >= 0x90;
  return is_overlong || is_surrogate || is_too_large ? 0 : size;
}

}  // namespace

void Attributes::put(std::string_view key, AttributeValue value) {
  if (auto* text = std::get_if<std::string>(&value)) cut(*text);
  std::string name(key);
  cut(name);
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const Attribute& each) { return each.key == name; });
  if (found != all_.end()) {
    found->value = std::move(value);
  } else {
    add_bounded(all_, dropped_, kAttributesMax, {std::move(name), std::move(value)});
  }
}

const AttributeValue* Attributes::find(std::string_view key) const {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const Attribute& each) { return each.key == key; });
  return found == all_.end() ? nullptr : &found->value;
}

void Span::add(SpanEvent event) {
  cut(event.name);
  add_bounded(events, dropped_events, kEventsMax, std::move(event));
}

void Span::add(SpanLink link) { add_bounded(links, dropped_links, kLinksMax, std::move(link)); }

void Span::fail(std::string message) {
  cut(message);
  status = {StatusCode::error, std::move(message)};
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    out += size == 0 ? "\xef\xbf\xbd" : text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace longspan

#include "lagcalc/stamps/json_stamps.h"

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace longspan {
namespace {

using Json = nlohmann::json;

// What a value without a schema, or the payload beside one, turned out to hold. Which of the two
// shapes it has is known at its end only.
struct Found {
  ChangeFields envelope;  // of any other value: its top-level ts_*
  ChangeFields flat;
  std::string row_context;
  bool has_source = false;
  bool has_flat = false;

  [[nodiscard]] ChangeFields fields() const {
    ChangeFields out = !has_source && has_flat ? flat : envelope;
    out.shape = has_source ? ChangeShape::envelope
                : has_flat ? ChangeShape::flattened
                           : ChangeShape::other;
    out.row_context = row_context;
    return out;
  }
};

// Receives nlohmann-json's events; false ends the parsing.
class ChangeReader {
 public:
  explicit ChangeReader(const StampNames& names) : names_(names) {}

  // `is_whole`: the parser came to the end of the text.
  [[nodiscard]] ChangeFields fields(bool is_whole) const {
    if (is_too_deep_) return faulty(NoCommit::over_limit);
    if (!is_whole && !is_complete_) return faulty(NoCommit::unreadable);
    return (is_wrapper_ && has_payload_ ? payload_ : root_).fields();
  }

  bool null() { return settle(); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(std::int64_t value) { return put(value); }
  bool number_unsigned(std::uint64_t value) {
    return value > INT64_MAX ? put_damaged() : put(static_cast<std::int64_t>(value));
  }
  bool number_float(double /*value*/, const std::string& /*text*/) { return put_damaged(); }
  bool string(const std::string& value) {
    if (is_row_context_) found().row_context = value.substr(0, kRowContextFieldBytesMax + 1);
    return put(std::string_view(value));
  }
  bool binary(const Json::binary_t& /*value*/) { return false; }  // no such thing in JSON

  bool start_object(std::size_t /*size*/) {
    Place place = Place::other;
    if (depth_ == 0) place = Place::root;
    if (next_ == Next::payload) {
      place = Place::payload;
      has_payload_ = true;
    }
    const bool is_in_root = this->place() == Place::root;
    if (next_ == Next::source)
      place = is_in_root ? Place::source_of_root : Place::source_of_payload;
    if (next_ == Next::after) place = is_in_root ? Place::row_of_root : Place::row_of_payload;
    return enter(place);
  }
  bool start_array(std::size_t /*size*/) { return enter(Place::other); }
  bool end_array() { return leave(); }
  bool end_object() {
    const Place left = place();
    if (left == Place::source_of_root || left == Place::source_of_payload) is_source_read_ = true;
    const bool is_over = complete();
    leave();
    return !is_over && !complete();
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const Json::exception& /*error*/) {
    return false;
  }

  bool key(const std::string& name) {
    settle();
    const Place here = place();
    if (here == Place::other) return true;
    if (complete()) return false;
    is_row_context_ = name == kRowContextField;
    if (here == Place::row_of_root || here == Place::row_of_payload) return true;
    if (here == Place::source_of_root || here == Place::source_of_payload) {
      field_ = source_field(name);
      if (field_ < ChangeField::connector_ms) found().has_source = true;
      return true;
    }
    if (here == Place::root) look_for_wrapper(name);
    field_ = envelope_field(name);
    flat_field_ = flat_field(name, names_);
    if (flat_field_ != ChangeField::none) found().has_flat = true;
    if (name == "source") next_ = Next::source;
    if (name == "after") next_ = Next::after;
    return true;
  }

 private:
  enum class Place : std::uint8_t {
    other,
    root,
    source_of_root,
    row_of_root,
    payload,
    source_of_payload,
    row_of_payload,
  };
  enum class Next : std::uint8_t { other, payload, source, after };
  static constexpr std::size_t kPlacesMax = 3;  // root, payload, source or after

  [[nodiscard]] Place place() const {
    return depth_ == 0 || depth_ > kPlacesMax ? Place::other : places_[depth_ - 1];
  }
  Found& found() { return place() >= Place::payload ? payload_ : root_; }

  void look_for_wrapper(std::string_view name) {
    const bool is_wrapping = name == "schema" || name == "payload";
    if (!is_wrapping) is_wrapper_ = false;
    if (name == "schema" && !has_payload_) has_schema_ = true;
    if (name == "payload") next_ = Next::payload;
  }

  bool enter(Place place) {
    settle();
    if (++depth_ > kJsonValueDepthMax) {
      is_too_deep_ = true;
      return false;
    }
    if (depth_ <= kPlacesMax) places_[depth_ - 1] = place;
    return true;
  }
  bool leave() {
    --depth_;
    return settle();
  }

  template <class T>
  bool put(T value) {
    if (field_ != ChangeField::none) found().envelope.put(field_, value);
    if (flat_field_ != ChangeField::none) found().flat.put(flat_field_, value);
    return settle();
  }
  bool put_damaged() {
    if (field_ != ChangeField::none) found().envelope.put_damaged(field_);
    if (flat_field_ != ChangeField::none) found().flat.put_damaged(flat_field_);
    return settle();
  }
  // The value that a key announced has begun or is over.
  bool settle() {
    field_ = ChangeField::none;
    flat_field_ = ChangeField::none;
    is_row_context_ = false;
    next_ = Next::other;
    return true;
  }

  // Whether nothing finer can follow. Asked behind a whole value only: of a number that the text's
  // end cuts the parser tells what is left of it.
  bool complete() {
    const Place here = place();
    const bool is_certain = here == Place::root ? !is_wrapper_ : is_wrapper_ && has_schema_;
    if (!is_certain || (here != Place::root && here != Place::payload)) return false;
    const ChangeFields& envelope = found().envelope;
    is_complete_ = is_source_read_ && found().has_source && envelope.op && envelope.connector.ns;
    return is_complete_;
  }

  const StampNames& names_;
  Found root_;
  Found payload_;
  std::array<Place, kPlacesMax> places_{};
  std::size_t depth_ = 0;
  ChangeField field_ = ChangeField::none;       // of the next value, in an envelope
  ChangeField flat_field_ = ChangeField::none;  // and in a flattened value
  bool is_row_context_ = false;                 // of the next value
  Next next_ = Next::other;
  bool is_wrapper_ = true;  // the root has no other keys than schema and payload
  bool has_schema_ = false;
  bool has_payload_ = false;
  bool is_source_read_ = false;
  bool is_complete_ = false;
  bool is_too_deep_ = false;
};

// The scalar `payload` of the outermost object.
class PayloadReader {
 public:
  [[nodiscard]] const std::optional<std::string>& payload() const { return payload_; }

  bool null() { return settle(); }
  bool boolean(bool value) { return take(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return take(std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) { return take(std::to_string(value)); }
  bool number_float(double /*value*/, const std::string& text) { return take(text); }
  bool string(const std::string& value) { return take(value); }
  bool binary(const Json::binary_t& /*value*/) { return false; }
  bool start_object(std::size_t /*size*/) { return enter(); }
  bool start_array(std::size_t /*size*/) { return depth_ > 0 && enter(); }
  bool end_object() { return leave(); }
  bool end_array() { return leave(); }
  bool key(const std::string& name) {
    is_next_ = depth_ == 1 && name == "payload";
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const Json::exception& /*error*/) {
    return false;
  }

 private:
  bool enter() {
    settle();
    return ++depth_ <= kJsonValueDepthMax;
  }
  bool leave() {
    --depth_;
    return settle();
  }
  bool settle() {
    is_next_ = false;
    return true;
  }
  bool take(std::string value) {
    if (is_next_) payload_ = std::move(value);
    return settle();
  }

  std::optional<std::string> payload_;
  int depth_ = 0;
  bool is_next_ = false;
};

}  // namespace

ChangeFields read_json(std::string_view value, const StampNames& names) {
  if (value.size() > kJsonBytesMax) return faulty(NoCommit::over_limit);
  ChangeReader reader(names);
  const bool is_whole = Json::sax_parse(value.begin(), value.end(), &reader);
  return reader.fields(is_whole);
}

std::optional<std::string> read_json_payload(std::string_view json) {
  PayloadReader reader;
  if (!Json::sax_parse(json.begin(), json.end(), &reader)) return std::nullopt;
  return reader.payload();
}

}  // namespace longspan

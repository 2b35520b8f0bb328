// lagcalc/result.h - a value or an Error; the only way a failure travels between functions.
//
// Errors:  Error says what happened, where, and what the caller may do (Next), decided where the
//          failure is first seen. Where a caller must look at more than that, E is another type.
// Threads: values; no shared state.
// Source:  member names follow std::expected (C++23), so that it can replace this file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "lagcalc/assert.h"

namespace longspan {

// What the caller may do about a failure.
enum class Next : std::uint8_t {
  retry,           // transient: the same call may succeed later
  park_partition,  // this partition or topic cannot go on until its cause goes
  refuse_record,   // the record itself will not be taken; the others of its partition may be
  rebuild_client,  // the client handle is unusable; a new one may work
  stop_process,    // wrong configuration or a broken promise; nothing sensible can follow
};

struct Error {
  Next next = Next::retry;
  int kafka_code = 0;  // rd_kafka_resp_err_t; 0 when the failure is ours
  std::string what;    // one sentence, no full stop
  std::string where;   // key=value pairs: "flow=a->b topic=orders partition=3"; may be empty

  // "what (where)": one line, for people.
  [[nodiscard]] std::string text() const {
    return where.empty() ? what : what + " (" + where + ")";
  }
  // The same for failures that differ only in what a text names in passing: to tell a cause once.
  [[nodiscard]] std::string cause() const {
    return kafka_code != 0 ? std::to_string(kafka_code) : what;
  }
};

template <class E>
class Unexpected {
 public:
  explicit Unexpected(E error) : error_(std::move(error)) {}
  E error_;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

// Shorthand for `return fail(Next::retry, "cannot ...", "topic=...")`.
inline Unexpected<Error> fail(Next next, std::string what, std::string where = {}) {
  return Unexpected<Error>(Error{next, 0, std::move(what), std::move(where)});
}

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Result(Unexpected<E> e) : state_(std::in_place_index<1>, std::move(e.error_)) {}  // NOLINT
  Result(E e) : state_(std::in_place_index<1>, std::move(e)) {}                     // NOLINT

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    LONGSPAN_ASSERT(has_value());
    return std::get<0>(state_);
  }
  const T& value() const& {
    LONGSPAN_ASSERT(has_value());
    return std::get<0>(state_);
  }
  T&& value() && {
    LONGSPAN_ASSERT(has_value());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const E& error() const {
    LONGSPAN_ASSERT(!has_value());
    return std::get<1>(state_);
  }
  template <class U>
  T value_or(U&& other) const& {
    return has_value() ? std::get<0>(state_) : static_cast<T>(std::forward<U>(other));
  }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  Result(Unexpected<E> e) : error_(std::move(e.error_)) {}  // NOLINT
  Result(E e) : error_(std::move(e)) {}                     // NOLINT

  [[nodiscard]] bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  [[nodiscard]] const E& error() const {
    LONGSPAN_ASSERT(error_.has_value());
    return *error_;
  }

 private:
  std::optional<E> error_;
};

}  // namespace longspan

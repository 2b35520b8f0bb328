#include "cli/demo/comparer.h"

#include <algorithm>
#include <string_view>

namespace longspan::demo {
namespace {

class Fnv {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) value_ = (value_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  }
  void add(std::uint64_t number) {
    char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (8 * i));
    add({bytes, sizeof bytes});
  }
  void add(const std::optional<std::string>& field) {
    add(field ? field->size() : ~std::uint64_t{0});
    if (field) add(std::string_view(*field));
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace

std::uint64_t content_hash(const OwnedRecord& record) {
  Fnv hash;
  hash.add(static_cast<std::uint64_t>(record.timestamp.value));
  hash.add(record.key);
  hash.add(record.value);
  hash.add(record.headers.size());
  for (const Header& header : record.headers) {
    hash.add(header.name.size());
    hash.add(std::string_view(header.name));
    hash.add(header.value);
  }
  return hash.value();
}

void Comparer::Memory::add(std::uint64_t hash) {
  ++counts_[hash];
  order_.push_back(hash);
  if (order_.size() <= kRememberedMax) return;
  const std::uint64_t oldest = order_.front();
  order_.pop_front();
  remove(oldest);
}

bool Comparer::Memory::remove(std::uint64_t hash) {
  const auto found = counts_.find(hash);
  if (found == counts_.end()) return false;
  if (--found->second == 0) counts_.erase(found);
  return true;
}

void Comparer::expect(std::size_t stream, std::int64_t lsn, const OwnedRecord& record) {
  const Item item{lsn, content_hash(record)};
  const std::lock_guard lock(mutex_);
  streams_[stream].expected.push_back(item);
  ++result_.written;
  ++result_.expected;
}

void Comparer::observe(std::size_t stream, std::optional<std::int64_t> lsn,
                       const OwnedRecord& record) {
  const std::uint64_t hash = content_hash(record);
  const std::lock_guard lock(mutex_);
  StreamState& state = streams_[stream];
  const auto is_it = [&](const Item& item) {
    return item.hash == hash || (lsn && item.lsn == *lsn);
  };
  const auto found = std::find_if(state.expected.begin(), state.expected.end(), is_it);
  if (found == state.expected.end()) return surprise(state, lsn, hash);
  arrive(state, static_cast<std::size_t>(found - state.expected.begin()), hash);
}

// The record at `place` of the expected ones arrived: those before it did not.
void Comparer::arrive(StreamState& stream, std::size_t place, std::uint64_t hash) {
  for (std::size_t i = 0; i <= place; ++i) {
    const Item item = stream.expected.front();
    stream.expected.pop_front();
    --result_.expected;
    stream.last_lsn = std::max(stream.last_lsn, item.lsn);
    if (i < place) {
      ++result_.missing;
      stream.missing.add(item.hash);
    } else {
      ++(item.hash == hash ? result_.equal : result_.different);
      stream.compared.add(hash);
    }
  }
}

void Comparer::surprise(StreamState& stream, std::optional<std::int64_t> lsn, std::uint64_t hash) {
  if (stream.missing.remove(hash)) {
    --result_.missing;
    ++result_.equal;
    ++result_.out_of_order;
    stream.compared.add(hash);
  } else if (stream.compared.has(hash) || (lsn && *lsn <= stream.last_lsn)) {
    ++result_.twice;
  } else {
    ++result_.unknown;
  }
}

Comparison Comparer::result() const {
  const std::lock_guard lock(mutex_);
  return result_;
}

}  // namespace longspan::demo

// cli/config/known_keys.h - keys of MirrorMaker 2 and Kafka Connect that mean nothing here, and
// why.
//
// A file for MM2 is full of settings for the Connect worker inside it. They are known, so they get
// a reason instead of "unknown key"; a few would change what is promised and are refused.
//
// Threads: constant.
// Source:  Kafka's MirrorConnectorConfig, DistributedConfig, SourceConnectorConfig.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace longspan {

enum class KeyFate : std::uint8_t {
  quiet,    // nothing is lost by leaving it out: no word about it
  ignored,  // one warning with the reason
  refused,  // an error with the reason
};

struct KnownKey {
  std::string_view pattern;  // a key without its scope; a `*` at the end stands for anything
  KeyFate fate;
  std::string_view reason;
};

[[nodiscard]] std::span<const KnownKey> known_keys();
// Null: not known.
[[nodiscard]] const KnownKey* find_known_key(std::string_view key);

}  // namespace longspan

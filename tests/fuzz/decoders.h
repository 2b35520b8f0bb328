// tests/fuzz/decoders.h - what must hold for any bytes: the decoders neither crash nor accept two
// spellings of one value. Shared by the *_fuzz.cc targets and the seeded test (label fuzz).
//
// Errors:  a broken property aborts (LONGSPAN_ASSERT), which is how a fuzzer notices.
#pragma once

#include <string_view>

namespace longspan::fuzz {

void check_histogram_block(std::string_view bytes);
void check_map_block(std::string_view bytes);
// First byte chooses the decoder.
void check_state_value(std::string_view bytes);
void check_state_key(std::string_view bytes);
// Bytes are (uint8 key length, uint8 value length or 255 for a tombstone, key, value)...
void check_slot_state(std::string_view bytes);
// Bytes are (uint8 key length, key, value): a record of __consumer_offsets.
void check_offsets_topic(std::string_view bytes);

// A record of a flow's marks topic.
void check_mark(std::string_view bytes);

}  // namespace longspan::fuzz

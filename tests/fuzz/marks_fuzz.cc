#include <cstddef>
#include <cstdint>

#include "tests/fuzz/decoders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  longspan::fuzz::check_mark({reinterpret_cast<const char*>(data), size});
  return 0;
}

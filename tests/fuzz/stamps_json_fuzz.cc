#include <cstddef>
#include <cstdint>

#include "tests/fuzz/stamps.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  longspan::fuzz::check_stamps_json({reinterpret_cast<const char*>(data), size});
  return 0;
}

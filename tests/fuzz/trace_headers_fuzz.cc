#include <cstddef>
#include <cstdint>

#include "tests/fuzz/trace_context.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  longspan::fuzz::check_trace_headers({reinterpret_cast<const char*>(data), size});
  return 0;
}

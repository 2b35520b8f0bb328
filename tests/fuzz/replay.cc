// Runs a fuzz target over its committed corpus without libFuzzer: replay CORPUS_FOLDER. After each
// input come its prefixes and single flipped bits, as far as 4 KiB, so that a plain test run also
// sees input that nobody wrote down. An empty corpus is a failure.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kVariedBytesMax = 4096;

void run_with_variations(std::vector<std::uint8_t> input) {
  LLVMFuzzerTestOneInput(input.data(), input.size());
  const std::size_t varied = std::min(input.size(), kVariedBytesMax);
  for (std::size_t i = 0; i < varied; ++i) {
    // A copy of exactly this size, so that ASan sees a read behind its end.
    const std::vector<std::uint8_t> prefix(input.begin(), input.begin() + std::ptrdiff_t(i));
    LLVMFuzzerTestOneInput(prefix.data(), prefix.size());
    const auto bit = static_cast<std::uint8_t>(1U << (i % 8));
    input[i] ^= bit;
    LLVMFuzzerTestOneInput(input.data(), input.size());
    input[i] ^= bit;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream file(entry.path(), std::ios::binary);
    run_with_variations({std::istreambuf_iterator<char>(file), {}});
    ++inputs;
  }
  std::printf("%zu inputs of %s\n", inputs, argv[1]);
  return inputs > 0 ? 0 : 1;
}

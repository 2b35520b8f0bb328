#include "tracing/pathways/pathway_context.h"

#include <cstddef>

#include "tracing/context/base64.h"

namespace longspan {
namespace {

constexpr std::string_view kBase64Name = "dd-pathway-ctx-base64";
constexpr std::string_view kRawName = "dd-pathway-ctx";
constexpr std::size_t kHashBytes = 8;
constexpr int kVarintBytesMax = 9;
constexpr std::size_t kBytesMax = kHashBytes + 2 * std::size_t{kVarintBytesMax};
constexpr std::size_t kTextBytesMax = (kBytesMax + 2) / 3 * 4;

void append_number(std::string& out, std::int64_t number) {
  auto value = static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
  for (int i = 1; i < kVarintBytesMax && value >= 0x80; ++i, value >>= 7) {
    out.push_back(static_cast<char>(value | 0x80));
  }
  out.push_back(static_cast<char>(value));
}

std::optional<std::int64_t> take_number(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < kVarintBytesMax && !bytes.empty(); ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    const bool is_last = byte < 0x80 || i == kVarintBytesMax - 1;
    value |= static_cast<std::uint64_t>(is_last ? byte : byte & 0x7f) << (7 * i);
    if (is_last)
      return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  return std::nullopt;
}

std::optional<PathwayContext> decode_text(std::string_view text) {
  if (text.size() > kTextBytesMax) return std::nullopt;
  const auto bytes = from_base64(text);
  return bytes ? decode_pathway(*bytes) : std::nullopt;
}

}  // namespace

std::optional<PathwayContext> decode_pathway(std::string_view bytes) {
  if (bytes.size() < kHashBytes || bytes.size() > kBytesMax) return std::nullopt;
  PathwayContext out;
  for (std::size_t i = 0; i < kHashBytes; ++i) {
    out.hash |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  }
  bytes.remove_prefix(kHashBytes);
  const auto start = take_number(bytes);
  const auto edge_start = start ? take_number(bytes) : std::nullopt;
  if (!edge_start || !bytes.empty()) return std::nullopt;
  out.start = {*start};
  out.edge_start = {*edge_start};
  return out;
}

std::string encode_pathway(const PathwayContext& context) {
  std::string out;
  for (std::size_t i = 0; i < kHashBytes; ++i) {
    out.push_back(static_cast<char>(context.hash >> (8 * i) & 0xff));
  }
  append_number(out, context.start.value);
  append_number(out, context.edge_start.value);
  return out;
}

FoundPathway read_pathway(std::span<const HeaderView> headers) {
  FoundPathway out;
  std::string_view text;
  std::string_view raw;
  for (const HeaderView& header : headers) {
    if (header.name == kBase64Name) {
      out.has_base64 = true;
      text = header.value.value_or("");
    } else if (header.name == kRawName) {
      out.has_raw = true;
      raw = header.value.value_or("");
    }
  }
  if (out.has_raw) {
    out.context = decode_pathway(raw);
    if (!out.context) {
      out.context = decode_text(raw);
      out.is_raw_text = out.context.has_value();
    }
    out.is_broken = !out.context;
  }
  if (out.has_base64) {
    out.context = decode_text(text);
    out.is_broken = out.is_broken || !out.context;
  }
  if (out.is_broken) out.context.reset();
  return out;
}

HeaderEdits pathway_edits(const FoundPathway& found, const PathwayContext& next) {
  const std::string bytes = encode_pathway(next);
  HeaderEdits out;
  if (found.has_raw) out.push_back({kRawName, found.is_raw_text ? to_base64(bytes) : bytes});
  if (found.has_base64 || !found.has_raw) out.push_back({kBase64Name, to_base64(bytes)});
  return out;
}

bool is_pathway_header(std::string_view name) { return name == kBase64Name || name == kRawName; }

}  // namespace longspan

#include "mirror/verify/difference.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "tracing/context/row_context.h"
#include "tracing/pathways/pathway_context.h"

namespace longspan {

namespace {

using Bytes = std::optional<std::string_view>;

std::string hex(char byte) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "0x%02x", static_cast<unsigned char>(byte));
  return text.data();
}

std::string size_of(const Bytes& bytes) {
  return bytes ? std::to_string(bytes->size()) + " bytes" : "null";
}

std::optional<std::string> bytes_difference(const std::string& what, const Bytes& source,
                                            const Bytes& target) {
  if (source == target) return std::nullopt;
  if (!source || !target) return what + ": " + size_of(source) + ", " + size_of(target);
  const auto common = std::min(source->size(), target->size());
  const auto at = static_cast<std::size_t>(
      std::mismatch(source->begin(), source->begin() + static_cast<std::ptrdiff_t>(common),
                    target->begin())
          .first -
      source->begin());
  if (at == common) {
    return what + ": " + size_of(source) + ", " + size_of(target) + ", equal up to the shorter end";
  }
  return what + " at byte " + std::to_string(at) + ": " + hex((*source)[at]) + ", " +
         hex((*target)[at]);
}

using Views = std::vector<HeaderView>;

Views views_of(const Record& record) {
  Views out;
  record.view_headers(out);
  return out;
}

std::optional<std::string> header_difference(const Views& source, const Views& target) {
  for (std::size_t i = 0; i < std::min(source.size(), target.size()); ++i) {
    const auto what = "header " + std::to_string(i + 1) + " `" + std::string(source[i].name) + "`";
    if (source[i].name != target[i].name) {
      return what + ": is `" + std::string(target[i].name) + "`";
    }
    if (auto differs = bytes_difference(what, source[i].value, target[i].value)) return differs;
  }
  if (source.size() == target.size()) return std::nullopt;
  const bool lacks = source.size() > target.size();
  const auto& first = (lacks ? source : target)[std::min(source.size(), target.size())];
  return "header count: " + std::to_string(source.size()) + ", " + std::to_string(target.size()) +
         "; the first " + (lacks ? "missing" : "added") + " is `" + std::string(first.name) + "`";
}

Views beside_pathways(Views headers) {
  std::erase_if(headers, [](const HeaderView& each) { return is_pathway_header(each.name); });
  return headers;
}

// The time when a pathway was written stands in it, and whether any was, nobody knows any more. But
// one that began before us keeps its begin.
std::optional<std::string> pathway_difference(const Views& source, const Views& target) {
  const FoundPathway from = read_pathway(source);
  const FoundPathway to = read_pathway(target);
  const bool had = from.has_base64 || from.has_raw;
  if (!to.has_base64 && !to.has_raw) {
    return had ? std::optional<std::string>("pathway: its header is missing") : std::nullopt;
  }
  if (to.is_broken != from.is_broken) return "pathway: its header is broken on one side";
  if (!from.context || !to.context || from.context->start.value == to.context->start.value) {
    return std::nullopt;
  }
  return "pathway start: " + std::to_string(from.context->start.value) + ", " +
         std::to_string(to.context->start.value);
}

// The target's headers, `there`, are `wanted`; the rest is the source's.
std::optional<std::string> difference_from(const Record& source, const Views& wanted,
                                           const Record& target, const Views& there) {
  if (auto differs = bytes_difference("key", source.key, target.key)) return differs;
  if (auto differs = bytes_difference("value", source.value, target.value)) return differs;
  if (auto differs = header_difference(wanted, there)) return differs;
  if (source.timestamp == target.timestamp) return std::nullopt;
  const bool replaced = target.timestamp_kind == TimestampKind::log_append_time;
  return "timestamp: " + std::to_string(source.timestamp.value) + ", " +
         std::to_string(target.timestamp.value) +
         (replaced ? "; the target topic replaces it (message.timestamp.type=LogAppendTime)" : "");
}

// A row's context is not read here, for that may take its writer's schema: it is the one of the
// copy, if that trace's id stands in the value.
TraceContext context_of(const Record& source, const Views& headers, const Views& there,
                        const RewriteRule& rule) {
  const TraceContext found = read_trace_context(headers);
  if (found.ids || !found.is_intact() || !source.value) return found;
  const TraceContext of_copy = read_trace_context(there);
  if (!of_copy.ids || of_copy.ids->span != rule.ids.span(source.offset)) return found;
  const TraceId& trace = of_copy.ids->trace;
  std::string low;
  append_hex(low, trace.low);
  const auto stands = [&](const std::string& id) {
    return source.value->find(id) != std::string_view::npos;
  };
  const bool is_of_row = stands(low) || stands(std::to_string(trace.low));
  return is_of_row ? with_row(found, of_copy) : found;
}

}  // namespace

std::optional<std::string> difference(const Record& source, const Record& target) {
  return difference_from(source, views_of(source), target, views_of(target));
}

// What was decided where nobody had is not known any more: either is right.
std::optional<std::string> difference(const Record& source, const Record& target,
                                      const RewriteRule& rule) {
  if (auto differs = pathway_difference(views_of(source), views_of(target))) return differs;
  const Views headers = beside_pathways(views_of(source));
  const Views there = beside_pathways(views_of(target));
  auto differs = difference_from(source, headers, target, there);
  if (!differs) return differs;
  const TraceContext found = context_of(source, headers, there, rule);
  const bool names_hop = named_span(target) == rule.ids.span(source.offset);
  RewriteRule then = rule;
  if (names_hop) {
    then.starts = true;
    then.inject = read_trace_context(there).formats;
  }
  for (const bool sampled : {true, false}) {
    const auto edits = copy_edits(found, then, {source.offset, source.timestamp}, sampled);
    if (!edits) return differs;
    auto from_edited = difference_from(source, edited(headers, *edits), target, there);
    if (!from_edited) return from_edited;
    // What is told is about what should stand there.
    if (sampled && names_hop) differs = std::move(from_edited);
  }
  return differs;
}

}  // namespace longspan

#include "cli/views/slots_text.h"

#include <algorithm>
#include <cmath>

namespace longspan {
namespace {

const Owner* owner_of(const FlowSnapshot& flow, std::int32_t number) {
  for (const auto& slot : flow.slots) {
    if (slot.slot == number && slot.owner && !slot.owner->released_at) return &*slot.owner;
  }
  return nullptr;
}

}  // namespace

std::map<std::string, int> slots_by_process(const FlowSnapshot& flow) {
  std::map<std::string, int> out;
  for (const auto& slot : flow.slots) {
    if (slot.owner && !slot.owner->released_at) ++out[slot.owner->process];
  }
  return out;
}

std::optional<HotSlot> hot_slot(const FlowSnapshot& flow) {
  std::map<std::int32_t, double> rates;
  double sum = 0;
  for (const auto& partition : flow.partitions) {
    const double rate = partition.records_per_second.value_or(0);
    rates[partition.slot] += rate;
    sum += rate;
  }
  if (sum <= 0) return std::nullopt;
  const auto busiest = std::max_element(rates.begin(), rates.end(),
                                        [](auto& a, auto& b) { return a.second < b.second; });
  const HotSlot hot{busiest->first, busiest->second / sum};
  const double part = 1.0 / static_cast<double>(std::max<std::size_t>(flow.slots.size(), 1));
  if (hot.share < kHotShare || hot.share < 2 * part) return std::nullopt;
  return hot;
}

std::string slots_text(const FlowSnapshot& flow) {
  const auto processes = slots_by_process(flow);
  if (!flow.running || processes.size() < 2) return {};
  std::string out;
  for (const auto& [process, count] : processes) {
    out += (out.empty() ? "slots: " : ", ") + process + " " + std::to_string(count);
  }
  if (const auto hot = hot_slot(flow)) {
    const Owner* owner = owner_of(flow, hot->slot);
    out += "; slot " + std::to_string(hot->slot) +
           (owner != nullptr ? " (" + owner->process + ")" : "") + " carries " +
           std::to_string(std::lround(hot->share * 100)) + " % of the records";
  }
  return out + "\n";
}

}  // namespace longspan

// mirror/why/load.h - what the threads of a flow do with their time, and what they wait for.
//
// Units:   ratios are parts of the time of the last kLoadWindow; milliseconds; bytes.
// Errors:  none. What is not known is absent.
// Threads: values.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace longspan {

// Shorter is what one delivery does, longer is history.
inline constexpr std::chrono::seconds kLoadWindow{5};

// Of one client of a cluster.
struct ClientLoad {
  std::optional<double> cpu_ratio;       // of its busiest thread
  std::optional<double> throttle_ratio;  // throttle time that one broker told, by the time
  friend bool operator==(const ClientLoad&, const ClientLoad&) = default;

  void merge(const ClientLoad& other);  // the busier one
};

// Of a shard, or of the busiest ones of several.
struct LoadSnapshot {
  std::optional<double> shard_cpu_ratio;
  std::optional<double> source_wait_ratio;  // all that came is handed on, and more is there
  std::optional<double> target_wait_ratio;  // the sink takes no more
  ClientLoad source;
  ClientLoad target;
  std::optional<std::int64_t> in_flight_bytes;  // of the shard that waits most for the target
  std::optional<std::int64_t> in_flight_bytes_max;
  std::optional<bool> is_window_reduced;
  std::optional<std::int64_t> acknowledgement_ms;  // of the newest record whose time was taken
  std::optional<std::int64_t> best_acknowledgement_ms;
  std::optional<std::int64_t> source_round_trip_ms;  // as measured when the flow began
  std::optional<std::int64_t> target_round_trip_ms;
  friend bool operator==(const LoadSnapshot&, const LoadSnapshot&) = default;

  void merge(const LoadSnapshot& other);
};

// Its ratios, by the names that the JSON and the metric have for them.
struct LoadRatio {
  std::string_view name;
  std::optional<double>& (*of)(LoadSnapshot&);
};
inline constexpr auto kLoadRatios = std::to_array<LoadRatio>({
    {"shard_cpu", [](LoadSnapshot& load) -> auto& { return load.shard_cpu_ratio;
}  // namespace longspan
}
, {"source_wait", [](LoadSnapshot& load) -> auto& {return load.source_wait_ratio;
}
}
, {"target_wait", [](LoadSnapshot& load) -> auto& {return load.target_wait_ratio;
}
}
, {"source_client_cpu", [](LoadSnapshot& load) -> auto& {return load.source.cpu_ratio;
}
}
, {"target_client_cpu", [](LoadSnapshot& load) -> auto& {return load.target.cpu_ratio;
}
}
, {"source_throttle", [](LoadSnapshot& load) -> auto& {return load.source.throttle_ratio;
}
}
, {"target_throttle", [](LoadSnapshot& load) -> auto& {return load.target.throttle_ratio;
}
}
,
});

}  // namespace longspan

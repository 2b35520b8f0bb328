// mirror/schemas/config_difference.h - in what the settings of two subjects differ.
//
// Rules of a subject may hold keys and passwords: of settings only the names are told, and the
// values of compatibility levels.
//
// Errors:  none; a text that is no JSON object has no settings.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace longspan {

// As Registry::config() gives them; absent: none of its own.
using SubjectSettings = std::optional<std::string>;

// Names of what `found` lacks of `wanted`, or has otherwise; what it has besides does not count.
[[nodiscard]] std::vector<std::string> dropped_settings(const SubjectSettings& wanted,
                                                        const SubjectSettings& found);

// Settings are merged into those that are there, also inside of an object: something that the
// target has and the source has not would stay.
[[nodiscard]] bool is_kept_by_merging(const SubjectSettings& target, const SubjectSettings& source);

// "compatibility is FULL, at the source BACKWARD; ruleSet differs". Empty: they are the same.
[[nodiscard]] std::string config_difference(const SubjectSettings& target,
                                            const SubjectSettings& source);

}  // namespace longspan

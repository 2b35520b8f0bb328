#include "mirror/schemas/embedded/routes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mirror/schemas/embedded/qualified_subject.h"

namespace longspan::embedded {
namespace {

constexpr Effect kRead = Effect::read;
constexpr Effect kChange = Effect::change;
constexpr Effect kControl = Effect::control;

constexpr auto kRoutes = std::to_array<Route>({
    {"GET", "", kRead, get_root},
    {"GET", "subjects", kRead, get_subjects},
    {"POST", "subjects/*", kRead, look_up_schema},
    {"DELETE", "subjects/*", kChange, delete_subject},
    {"GET", "subjects/*/versions", kRead, get_versions},
    {"POST", "subjects/*/versions", kChange, post_version},
    {"GET", "subjects/*/versions/*", kRead, get_version},
    {"DELETE", "subjects/*/versions/*", kChange, delete_version},
    {"GET", "subjects/*/versions/*/schema", kRead, get_version_text},
    {"GET", "subjects/*/versions/*/referencedby", kRead, get_referrers},
    {"GET", "schemas", kRead, get_schemas},
    {"GET", "schemas/ids/*", kRead, get_schema},
    {"GET", "schemas/ids/*/schema", kRead, get_schema_text},
    {"GET", "schemas/ids/*/subjects", kRead, get_schema_subjects},
    {"GET", "schemas/ids/*/versions", kRead, get_schema_versions},
    {"GET", "schemas/guids/*", kRead, get_schema_by_guid},
    {"GET", "schemas/types", kRead, get_types},
    {"POST", "compatibility/subjects/*/versions", kRead, check_versions},
    {"POST", "compatibility/subjects/*/versions/*", kRead, check_version},
    {"GET", "mode", kRead, get_mode},
    {"PUT", "mode", kChange, put_mode},
    {"DELETE", "mode", kChange, delete_mode},
    {"GET", "mode/*", kRead, get_mode},
    {"PUT", "mode/*", kChange, put_mode},
    {"DELETE", "mode/*", kChange, delete_mode},
    {"GET", "config", kRead, get_config},
    {"PUT", "config", kChange, put_config},
    {"DELETE", "config", kChange, delete_config},
    {"GET", "config/*", kRead, get_config},
    {"PUT", "config/*", kChange, put_config},
    {"DELETE", "config/*", kChange, delete_config},
    {"GET", "contexts", kRead, get_contexts},
    {"DELETE", "contexts/*", kChange, delete_context},
    {"GET", "v1/metadata/id", kRead, get_identity},
    {"GET", "longspan/faults", kControl, get_faults},
    {"PUT", "longspan/faults", kControl, put_faults},
    {"DELETE", "longspan/faults", kControl, delete_faults},
});

using Pieces = std::vector<std::string>;

// What the stars of `pattern` stand for; absent: another path.
std::optional<Pieces> matched(std::string_view pattern, const Pieces& pieces) {
  Pieces words;
  std::size_t i = 0;
  for (std::size_t at = 0; at < pattern.size(); ++i) {
    const std::size_t end = std::min(pattern.find('/', at), pattern.size());
    const std::string_view wanted = pattern.substr(at, end - at);
    if (i == pieces.size() || (wanted != "*" && wanted != pieces[i])) return std::nullopt;
    if (wanted == "*") words.push_back(pieces[i]);
    at = end + 1;
  }
  return i == pieces.size() ? std::optional(words) : std::nullopt;
}

std::string in_context(const std::string& context, const std::string& name) {
  return qualified_text(qualify_within(name, context));
}

// Takes /contexts/C from the front, and puts C into what follows.
void unfold_context(Pieces& pieces, Query& query) {
  if (pieces.size() < 3 || pieces[0] != "contexts") return;
  std::string context = pieces[1];
  if (context.starts_with(":")) context = qualify(context).context;
  pieces.erase(pieces.begin(), pieces.begin() + 2);
  const std::string& first = pieces[0];
  const std::size_t name = first == "compatibility" ? 2 : 1;
  const bool is_list = pieces.size() == 1 && (first == "subjects" || first == "schemas");
  if (is_list) {
    query.set("subjectPrefix", ":" + context + ":" + query.text("subjectPrefix"));
  } else if (first == "schemas") {
    query.set("subject", in_context(context, query.text("subject")));
  } else if (pieces.size() > name) {
    pieces[name] = in_context(context, pieces[name]);
  } else if (first == "mode" || first == "config") {
    pieces.push_back(in_context(context, ""));
  }
}

}  // namespace

Result<Routed, Answer> find_route(const Request& request) {
  Pieces pieces = split_path(request.path);
  Query query(request.query);
  unfold_context(pieces, query);
  bool has_path = false;
  for (const Route& route : kRoutes) {
    auto words = matched(route.path, pieces);
    if (!words) continue;
    if (route.method == request.method) return Routed{&route, std::move(*words), std::move(query)};
    has_path = true;
  }
  return has_path ? plain_error(405, "HTTP 405 Method Not Allowed")
                  : plain_error(404, "HTTP 404 Not Found");
}

}  // namespace longspan::embedded

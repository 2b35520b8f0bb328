#include "tests/bench/schema_load.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace longspan::bench {
namespace {

struct Field {
  std::string_view name;
  std::string_view type;
  std::string_view doc;
};

constexpr std::string_view kText = R"("string")";
constexpr std::string_view kMaybeText = R"(["null","string"],"default":null)";
constexpr std::string_view kTime = R"({"type":"long","logicalType":"timestamp-millis"})";
constexpr std::string_view kMoney =
    R"({"type":"bytes","logicalType":"decimal","precision":18,"scale":4})";

constexpr auto kFields = std::to_array<Field>({
    {"order_id", kText, "Given out by the shop"},
    {"customer_id", kText, "Of the customer master data"},
    {"created_at", kTime, "When the order was placed"},
    {"updated_at", kTime, "When anything of it changed last"},
    {"status", kText, "open, paid, shipped, returned"},
    {"currency", kText, "ISO 4217"},
    {"net_amount", kMoney, "Without taxes"},
    {"tax_amount", kMoney, "All taxes together"},
    {"discount_code", kMaybeText, "As it was typed in"},
    {"quantity", R"("int")", "Pieces of all positions"},
    {"weight_grams", R"("long")", "With the packing"},
    {"is_gift", R"("boolean")", "Prices are left out of the papers"},
    {"shipping_street", kMaybeText, "With the house number"},
    {"shipping_city", kMaybeText, "Where the parcel goes"},
    {"shipping_country", kMaybeText, "ISO 3166-1 alpha-2"},
    {"carrier", kMaybeText, "Once it is known"},
    {"tracking_number", kMaybeText, "The carrier's"},
    {"tags", R"({"type":"array","items":"string"},"default":[])", "For searching"},
    {"attributes", R"({"type":"map","values":"string"},"default":{})", "Whatever else there is"},
    {"score", R"("double")", "Of the fraud check, 0 to 1"},
});

std::string field_text(std::string_view name, std::string_view type, std::string_view doc) {
  return R"({"name":")" + std::string(name) + R"(","type":)" + std::string(type) + R"(,"doc":")" +
         std::string(doc) + R"("})";
}

}  // namespace

Subject subject_of(int number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 5 - std::min<std::size_t>(digits.size(), 5), '0');
  return {std::string(kDefaultContext),
          "sales.region-" + std::to_string(number % 16) + ".orders-" + digits + "-value"};
}

RegisteredSchema version_of(const SchemaLoad& load, int subject, int version) {
  std::string text = R"({"type":"record","name":"Order)" + std::to_string(subject) +
                     R"(","namespace":"com.example.sales","doc":"An order of shop )" +
                     std::to_string(subject) + R"(","fields":[)";
  for (const auto& field : kFields) text += field_text(field.name, field.type, field.doc) + ",";
  for (int more = 1; more < version; ++more) {
    const std::string name = "added_in_version_" + std::to_string(more + 1);
    text += field_text(name, kMaybeText, "Asked for by the team of region " + name) + ",";
  }
  text.back() = ']';
  Schema schema;
  schema.text = text + "}";
  return {subject_of(subject), version, subject * load.versions + version, std::move(schema)};
}

std::unique_ptr<RegistryClient> client_of(const std::string& url, std::atomic<std::size_t>& count) {
  RegistrySettings settings;
  settings.urls = {url};
  auto http = std::make_unique<HttpExchange>(settings.tls, settings.limits, std::stop_token());
  RegistryPorts ports{std::make_unique<CountingExchange>(std::move(http), count),
                      std::make_unique<SystemTiming>()};
  return std::make_unique<RegistryClient>(std::move(settings), std::move(ports), std::stop_token());
}

}  // namespace longspan::bench

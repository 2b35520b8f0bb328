#include "mirror/schemas/kept_schema.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

namespace longspan {
namespace {

Schema schema(const std::string& text) {
  Schema out;
  out.text = text;
  return out;
}

TEST(KeptSchema, GivesBackWhatItWasGiven) {
  Schema all{"PROTOBUF",
             std::string("message \0 \xc3\xbc", 12),
             {{"c", "common", 1}, {"d", ":.east:d", 2}},
             R"({"properties":{"a":"1:2"}})",
             R"({"domainRules":[]})"};
  for (const Schema& each : {all, Schema{}, schema(""), schema(std::string(100'000, 'x'))}) {
    const KeptSchema kept(each);
    const Schema back = kept.unpacked();
    EXPECT_EQ(back.type, each.type);
    EXPECT_EQ(back.text, each.text);
    EXPECT_EQ(back.metadata, each.metadata);
    EXPECT_EQ(back.rule_set, each.rule_set);
    EXPECT_EQ(kept.references(), each.references);
  }
  EXPECT_EQ(KeptSchema().unpacked(), Schema{});
}

// Longer than the chain, than the window, and of bytes that resemble nothing.
TEST(KeptSchema, GivesBackEachOfManyVersions) {
  std::mt19937 random(7);
  for (const std::size_t size : {10U, 2'000U, 20'000U, 40'000U}) {
    std::string text(size, ' ');
    for (char& c : text) c = static_cast<char>(random());
    KeptSchema before;
    std::vector<KeptSchema> kept;
    std::vector<std::string> texts;
    for (int version = 0; version < 3 * KeptSchema::kChainMax; ++version) {
      text += "{\"added\":" + std::to_string(version) + "}";
      text[random() % size] = 'y';
      texts.push_back(text);
      before = kept.emplace_back(schema(text), before);
    }
    for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i].unpacked().text, texts[i]);
    // In any order, and by a thread that did not pack them.
    std::jthread([&] {
      for (int i = 0; i < 200; ++i) {
        const std::size_t at = random() % kept.size();
        EXPECT_EQ(kept[at].unpacked().text, texts[at]);
      }
    }).join();
  }
}

TEST(KeptSchema, IsEqualAsSchemasAre) {
  const KeptSchema a(schema(R"({"type":"int"})"));
  const KeptSchema other(schema(R"({"type":"long"})"));
  EXPECT_EQ(a, KeptSchema(schema(R"({"type":"int"})")));
  EXPECT_EQ(a, KeptSchema(schema(R"({ "type": "int" })"))) << "white space is none of it";
  EXPECT_EQ(a, KeptSchema(schema(R"({"type":"int"})"), other)) << "behind another one";
  EXPECT_FALSE(a == other);
  EXPECT_FALSE(a == KeptSchema());
  const auto referring = a.with_references({{"c", "common", 1}});
  EXPECT_FALSE(a == referring);
  EXPECT_EQ(referring.unpacked().references.size(), 1U);
  EXPECT_EQ(a, referring.with_references({}));
}

}  // namespace
}  // namespace longspan

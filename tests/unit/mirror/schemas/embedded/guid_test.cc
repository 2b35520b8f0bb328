#include "mirror/schemas/embedded/guid.h"

#include <gtest/gtest.h>

#include "mirror/schemas/embedded/metadata.h"

namespace longspan::embedded {
namespace {

// Expected values: Python's hashlib.md5 over the bytes in the order of Schema.updateHash.
Schema text() {
  Schema schema;
  schema.text = "\"string\"";
  return schema;
}

TEST(Guid, IsTheMd5OfTheText) {
  EXPECT_EQ(guid_of(text()), "095d71cf-1255-6b9d-5e33-0ad575b3df5d");
}

TEST(Guid, CoversReferences) {
  Schema schema = text();
  schema.references = {{"A", "a", 258}};
  EXPECT_EQ(guid_of(schema), "5981b090-e215-0611-4b62-464d5fb9a09a");
}

TEST(Guid, CoversMetadata) {
  Schema schema = text();
  schema.metadata =
      kept_metadata(R"({"sensitive":["ssn"],"properties":{"owner":"me"},"tags":{"f":["PII"]}})");
  EXPECT_EQ(guid_of(schema), "f4439bf8-82a7-dc8c-1643-b34ffa016e79");
}

TEST(Guid, CoversRules) {
  Schema schema = text();
  schema.rule_set = kept_rule_set(
                        R"({"domainRules":[{"name":"r","doc":"doc","kind":"CONDITION",
      "mode":"WRITE","type":"CEL","tags":["PII"],"params":{"k":"v"},"expr":"x>0",
      "onSuccess":"NONE","onFailure":"ERROR","disabled":true}],
      "migrationRules":[{"name":"m","mode":"UPGRADE","type":"JSONATA"}]})")
                        .value();
  EXPECT_EQ(guid_of(schema), "50a853de-9e8b-099d-20fb-22c7df74df52");
}

TEST(Guid, TellsEmptyMetadataFromNone) {
  Schema schema = text();
  schema.metadata = kept_metadata("{}");
  EXPECT_EQ(guid_of(schema), "cecc02e2-232b-87f1-1b0c-aa0e70dbb74d");
}

}  // namespace
}  // namespace longspan::embedded

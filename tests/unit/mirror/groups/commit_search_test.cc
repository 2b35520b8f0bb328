#include "mirror/groups/commit_search.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

// What Java's String.hashCode, made positive as Kafka does it, comes to in 50 partitions.
TEST(CommitSearch, TheGroupsPartitionIsJavas) {
  EXPECT_EQ(partition_of_group("", 50), 0);
  EXPECT_EQ(partition_of_group("abc", 50), 96'354 % 50);
  EXPECT_EQ(partition_of_group("warehouse-sink", 50), 23);
  EXPECT_EQ(partition_of_group("gr\xc3\xbc\xc3\x9f"
                               "e",
                               50),
            23);
  EXPECT_EQ(partition_of_group("\xf0\x9f\x98\x80", 50), 49) << "two units";
  EXPECT_EQ(partition_of_group("polygenelubricants", 50), 0) << "INT_MIN has no opposite";
}

}  // namespace
}  // namespace longspan

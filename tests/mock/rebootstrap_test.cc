// tests/mock/rebootstrap_test.cc - when a client is given its bootstrap servers again.

#include "mirror/kafka/rebootstrap.h"

#include <gtest/gtest.h>

#include "mirror/kafka/conf.h"

namespace longspan::kafka {
namespace {

using std::chrono::seconds;

class RebootstrapTest : public testing::Test {
 protected:
  RebootstrapTest() {
    ClusterConfig cluster;
    cluster.alias = "east";
    cluster.common = {{"bootstrap.servers", "127.0.0.1:9"}};  // nobody is there
    auto conf = make_conf(cluster, Role::admin, "test", {});
    client_ = std::move(*open_client(RD_KAFKA_PRODUCER, std::move(*conf), "cluster=east"));
  }

  const Rebootstrap::Steady start_ = std::chrono::steady_clock::now();
  Client client_;
};

TEST_F(RebootstrapTest, RemindsSevenTimesEachTwiceAsLate) {
  Rebootstrap rebootstrap(client_.get());
  rebootstrap.turn(start_);
  EXPECT_EQ(rebootstrap.reminders(), 0) << "all is well";
  rebootstrap.note(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, start_);
  auto now = start_;
  for (int i = 0; i < 7; ++i) {
    rebootstrap.turn(now + seconds(2) * (1 << i) - seconds(1));
    EXPECT_EQ(rebootstrap.reminders(), i);
    now += seconds(2) * (1 << i);
    rebootstrap.note(RD_KAFKA_RESP_ERR__TRANSPORT, now);  // makes it neither earlier nor later
    rebootstrap.turn(now);
    EXPECT_EQ(rebootstrap.reminders(), i + 1);
  }
  rebootstrap.turn(now + seconds(1000));
  EXPECT_EQ(rebootstrap.reminders(), 7) << "until there is trouble again";
  rebootstrap.note(RD_KAFKA_RESP_ERR__TIMED_OUT, now);
  rebootstrap.turn(now + seconds(2));
  EXPECT_EQ(rebootstrap.reminders(), 1);
}

TEST_F(RebootstrapTest, OtherErrorsAreNotOfBrokersThatWereLost) {
  Rebootstrap rebootstrap(client_.get());
  for (const auto code : {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
                          RD_KAFKA_RESP_ERR__AUTHENTICATION}) {
    rebootstrap.note(code, start_);
  }
  rebootstrap.turn(start_ + seconds(10));
  EXPECT_EQ(rebootstrap.reminders(), 0);
}

}  // namespace
}  // namespace longspan::kafka

// tests/chaos/link.h - all connections to one cluster, through one proxy a broker.
//
// Errors:  HarnessError when a port cannot be listened on.
// Threads: one thread.
// Owns:    the proxies.

#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/broker/harness/tcp_proxy.h"

namespace longspan::chaos {

class Link {
 public:
  // Both are lists of host:port, broker by broker.
  Link(std::string name, const std::string& proxies, const std::string& backends);

  const std::string& name() const { return name_; }
  void set_delay(std::chrono::milliseconds delay);
  void cut(const harness::TcpProxy::Chosen& chosen);
  void reset(const harness::TcpProxy::Chosen& chosen);
  void restore();

 private:
  std::string name_;
  std::vector<std::unique_ptr<harness::TcpProxy>> proxies_;
};

}  // namespace longspan::chaos

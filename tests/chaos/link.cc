#include "tests/chaos/link.h"

#include <sstream>
#include <utility>

#include "tests/broker/harness/kafka_handle.h"

namespace longspan::chaos {
namespace {

std::vector<uint16_t> ports_in(const std::string& list) {
  std::vector<uint16_t> ports;
  std::istringstream text(list);
  for (std::string one; std::getline(text, one, ',');) {
    ports.push_back(static_cast<uint16_t>(std::stoul(one.substr(one.rfind(':') + 1))));
  }
  return ports;
}

}  // namespace

Link::Link(std::string name, const std::string& proxies, const std::string& backends)
    : name_(std::move(name)) {
  const auto front = ports_in(proxies);
  const auto back = ports_in(backends);
  harness::require(!front.empty() && front.size() == back.size(), name_ + " has no proxy listener");
  for (size_t i = 0; i < front.size(); ++i) {
    proxies_.push_back(std::make_unique<harness::TcpProxy>(
        harness::ProxyRoute{.listen_port = front[i], .backend_port = back[i]}));
  }
}

void Link::set_delay(std::chrono::milliseconds delay) {
  for (const auto& proxy : proxies_) proxy->set_delay(delay);
}

void Link::cut(const harness::TcpProxy::Chosen& chosen) {
  for (const auto& proxy : proxies_) proxy->cut(chosen);
}

void Link::reset(const harness::TcpProxy::Chosen& chosen) {
  for (const auto& proxy : proxies_) proxy->reset(chosen);
}

void Link::restore() {
  for (const auto& proxy : proxies_) proxy->restore();
}

}  // namespace longspan::chaos

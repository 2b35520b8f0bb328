// A far-away broker: delay_proxy --listen-port P --backend-port P --delay-ms D
//
// Every byte is handed on D ms after it was read, in both directions: a round trip costs 2 D.
// Loopback only. Runs until it is killed.

#include <signal.h>
#include <unistd.h>

#include <iostream>

#include "tests/bench/arguments.h"
#include "tests/broker/harness/tcp_proxy.h"

namespace longspan::bench {
namespace {

constexpr size_t kQueueBytesMax = 128 << 20;  // a long link with a large window

[[noreturn]] int run(const Arguments& arguments) {
  signal(SIGPIPE, SIG_IGN);
  harness::TcpProxy proxy({.listen_port = static_cast<uint16_t>(arguments.number("listen-port")),
                           .backend_port = static_cast<uint16_t>(arguments.number("backend-port")),
                           .queue_bytes_max = kQueueBytesMax});
  proxy.set_delay(std::chrono::milliseconds(arguments.number("delay-ms")));
  std::cout << "ready" << std::endl;
  while (true) pause();
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "delay_proxy", longspan::bench::run);
}

// tests/broker/harness/tcp_ports.h - which TCP connections are a process's.
//
// Errors:  a process that has ended has none.
// Threads: a free function.
// Source:  /proc/PID/fd and /proc/net/tcp; Linux, IPv4.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>

namespace longspan::harness {

// Its own ends.
std::set<uint16_t> tcp_ports_of(pid_t pid);

}  // namespace longspan::harness

#include "tests/broker/harness/tcp_ports.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace longspan::harness {
namespace {

// The numbers in "socket:[123]".
std::set<std::string> sockets_of(pid_t pid) {
  std::set<std::string> inodes;
  std::error_code error;
  const auto folder = "/proc/" + std::to_string(pid) + "/fd";
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code gone;
    const std::string link = std::filesystem::read_symlink(at->path(), gone).string();
    if (!gone && link.starts_with("socket:[")) inodes.insert(link.substr(8, link.size() - 9));
  }
  return inodes;
}

}  // namespace

std::set<uint16_t> tcp_ports_of(pid_t pid) {
  const std::set<std::string> inodes = sockets_of(pid);
  std::set<uint16_t> ports;
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);  // the headings
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
    words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
        timeout >> inode;
    const auto colon = local.find(':');
    if (!inodes.contains(inode) || colon == std::string::npos) continue;
    ports.insert(static_cast<uint16_t>(std::stoul(local.substr(colon + 1), nullptr, 16)));
  }
  return ports;
}

}  // namespace longspan::harness

// tests/broker/harness/registry_process.h - `longspan registry`: a schema registry in a process of
// its own, which keeps everything in memory.
//
// Errors:  HarnessError when it does not listen, or answers anything but 200.
// Threads: one thread.
// Owns:    the process.

#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/broker/harness/process.h"

namespace longspan::harness {

class RegistryProcess {
 public:
  RegistryProcess(const std::filesystem::path& folder, const std::string& name,
                  const std::vector<std::string>& flags = {});

  const std::string& url() const { return url_; }

  // The body of a 200.
  std::string post(const std::string& path, const nlohmann::json& body);
  std::string put(const std::string& path, const nlohmann::json& body);
  std::string remove(const std::string& path);
  std::string get(const std::string& path);
  // Whatever the status.
  int status(const std::string& method, const std::string& path, const nlohmann::json& body = {});

 private:
  std::pair<int, std::string> send(const std::string& method, const std::string& path,
                                   const nlohmann::json& body);

  Process process_;
  std::string url_;
};

}  // namespace longspan::harness

#include "tests/broker/harness/registry_process.h"

#include <httplib.h>

#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/kafka_handle.h"

namespace longspan::harness {
namespace {

Command command_of(const std::filesystem::path& folder, const std::string& name,
                   const std::vector<std::string>& flags) {
  Command out{
      .arguments = {longspan_program(), "registry", "--port", "0"}, .folder = folder, .name = name};
  out.arguments.insert(out.arguments.end(), flags.begin(), flags.end());
  return out;
}

std::string body_of(const std::string& what, const std::pair<int, std::string>& answer) {
  require(answer.first == 200, what + ": " + answer.second);
  return answer.second;
}

}  // namespace

RegistryProcess::RegistryProcess(const std::filesystem::path& folder, const std::string& name,
                                 const std::vector<std::string>& flags)
    : process_(command_of(folder, name, flags)) {
  static const std::string kLine = "registry listens on ";
  const bool listens = eventually(std::chrono::seconds(20),
                                  [&] { return process_.out().find('\n') != std::string::npos; });
  require(listens, name + " does not listen: " + process_.err());
  const std::string out = process_.out();
  const auto at = out.find(kLine);
  require(at != std::string::npos, name + " says " + out);
  url_ = out.substr(at + kLine.size(), out.find('\n', at) - at - kLine.size());
}

std::string RegistryProcess::post(const std::string& path, const nlohmann::json& body) {
  return body_of("POST " + path, send("POST", path, body));
}

std::string RegistryProcess::put(const std::string& path, const nlohmann::json& body) {
  return body_of("PUT " + path, send("PUT", path, body));
}

std::string RegistryProcess::remove(const std::string& path) {
  return body_of("DELETE " + path, send("DELETE", path, {}));
}

std::string RegistryProcess::get(const std::string& path) {
  return body_of("GET " + path, send("GET", path, {}));
}

int RegistryProcess::status(const std::string& method, const std::string& path,
                            const nlohmann::json& body) {
  return send(method, path, body).first;
}

std::pair<int, std::string> RegistryProcess::send(const std::string& method,
                                                  const std::string& path,
                                                  const nlohmann::json& body) {
  httplib::Client client(url_);
  httplib::Request request;
  request.method = method;
  request.path = path;
  if (!body.is_null()) request.body = body.dump();
  request.set_header("Content-Type", "application/vnd.schemaregistry.v1+json");
  const auto answer = client.send(request);
  require(bool(answer), method + " " + path + ": no answer");
  return {answer->status, answer->body};
}

}  // namespace longspan::harness

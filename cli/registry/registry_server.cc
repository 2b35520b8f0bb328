#include "cli/registry/registry_server.h"

#include <httplib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "cli/registry/kept_stream.h"

namespace longspan {
namespace {

constexpr const char* kLoopback = "127.0.0.1";
constexpr const char* kContentType = "application/vnd.schemaregistry.v1+json";
constexpr const char* kUnknownProperties = "Confluent-Accept-Unknown-Properties";
constexpr const char* kAnyPath = R"([\s\S]*)";
constexpr int kBacklog = 128;
constexpr std::size_t kRequestsPerConnection = 1'000'000;

// The connection that this thread serves: a handler of httplib is not told.
thread_local KeptStream* serving = nullptr;

class HttplibStream : public httplib::Stream {
 public:
  explicit HttplibStream(KeptStream& kept) : kept_(kept) {}

  bool is_readable() const override { return kept_.wait_readable(); }
  bool is_writable() const override { return kept_.wait_writable(); }
  ssize_t read(char* into, size_t size) override { return kept_.read(into, size); }
  ssize_t write(const char* from, size_t size) override { return kept_.write(from, size); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    get_remote_ip_and_port(ip, port);
  }
  socket_t socket() const override { return kept_.fd(); }

 private:
  KeptStream& kept_;
};

class KeptServer : public httplib::Server {
 public:
  explicit KeptServer(int stop_fd) : stop_fd_(stop_fd) {}

  void widen_backlog() { ::listen(svr_sock_, kBacklog); }

 private:
  bool process_and_close_socket(socket_t fd) override {
    KeptStream kept(fd, stop_fd_, KeptLimits{});
    HttplibStream stream(kept);
    serving = &kept;
    bool is_served = true;
    for (bool is_closed = false; is_served && !is_closed && kept.wait_for_request();) {
      is_served = process_request(stream, false, is_closed, nullptr);
    }
    serving = nullptr;
    return is_served;
  }

  int stop_fd_;
};

// httplib's default is SO_REUSEPORT, which would share a taken port instead of saying so.
void socket_options(socket_t socket) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

embedded::Request read_request(const httplib::Request& from) {
  embedded::Request request;
  request.method = from.method == "HEAD" ? "GET" : from.method;
  const std::size_t mark = from.target.find('?');
  request.path = from.target.substr(0, mark);
  if (mark != std::string::npos) request.query = from.target.substr(mark + 1);
  request.accepts_unknown_properties = from.get_header_value(kUnknownProperties) == "true";
  request.body = from.body;
  return request;
}

void write_answer(const embedded::Answer& answer, httplib::Response& response) {
  response.status = answer.status;
  if (answer.retry_after) {
    response.set_header("Retry-After", std::to_string(answer.retry_after->count()));
  }
  if (!answer.body.empty()) response.set_content(answer.body, kContentType);
}

void refuse_stranger(httplib::Response& response) {
  response.set_header("WWW-Authenticate", "Basic realm=\"longspan\"");
  write_answer(embedded::plain_error(401, "User cannot access the resource."), response);
}

Unexpected<Error> cannot_listen(std::uint16_t port, int error) {
  const std::string where = std::string(kLoopback) + ":" + std::to_string(port);
  const std::string why = error == EADDRINUSE ? "another process has this port"
                                              : std::generic_category().message(error);
  return fail(Next::stop_process,
              "cannot listen on " + where + ": " + why + " (--port=0 takes any free one)");
}

}  // namespace

struct RegistryServer::Running {
  Running(embedded::EmbeddedRegistry& what, const RegistryAccess& access)
      : registry(what),
        stop_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        server(stop_fd),
        has_user(!access.user.empty()),
        credentials(
            httplib::make_basic_authentication_header(access.user, access.password).second) {
    if (stop_fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    server.set_socket_options(socket_options);
    server.set_tcp_nodelay(true);
    server.set_payload_max_length(kRegistryBodyMax);
    server.set_keep_alive_max_count(kRequestsPerConnection);
    server.new_task_queue = [] { return new httplib::ThreadPool(kRegistryThreads); };
    const httplib::Server::Handler handler = [this](const auto& request, auto& response) {
      serve(request, response);
    };
    server.Get(kAnyPath, handler).Post(kAnyPath, handler).Put(kAnyPath, handler);
    server.Delete(kAnyPath, handler).Patch(kAnyPath, handler).Options(kAnyPath, handler);
  }
  ~Running() { ::close(stop_fd); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void serve(const httplib::Request& request, httplib::Response& response) {
    if (has_user && request.get_header_value("Authorization") != credentials) {
      refuse_stranger(response);
      return;
    }
    const embedded::Answer answer = registry.answer(read_request(request));
    if (answer.delay.count() > 0 && !serving->pause(answer.delay)) return;
    if (answer.drops_connection) serving->cut();
    write_answer(answer, response);
  }

  embedded::EmbeddedRegistry& registry;
  int stop_fd;
  KeptServer server;
  bool has_user;
  std::string credentials;
  std::string url;
  std::jthread acceptor;
};

RegistryServer::RegistryServer(std::unique_ptr<Running> running) : running_(std::move(running)) {}
RegistryServer::~RegistryServer() { stop(); }

Result<std::unique_ptr<RegistryServer>> RegistryServer::start(embedded::EmbeddedRegistry& registry,
                                                              const RegistryAccess& access) try {
  auto running = std::make_unique<Running>(registry, access);
  errno = 0;
  int port = access.port;
  if (port == 0) {
    port = running->server.bind_to_any_port(kLoopback);
  } else if (!running->server.bind_to_port(kLoopback, port)) {
    port = -1;
  }
  if (port < 0) return cannot_listen(access.port, errno);
  running->server.widen_backlog();
  running->url = "http://" + std::string(kLoopback) + ":" + std::to_string(port);
  running->acceptor = std::jthread([r = running.get()] { r->server.listen_after_bind(); });
  // Its stop() does nothing before it runs.
  while (!running->server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return std::unique_ptr<RegistryServer>(new RegistryServer(std::move(running)));
} catch (const std::exception& failure) {
  return fail(Next::stop_process, std::string("cannot serve HTTP: ") + failure.what());
}

const std::string& RegistryServer::url() const { return running_->url; }

void RegistryServer::stop() {
  if (!running_->acceptor.joinable()) return;
  (void)::eventfd_write(running_->stop_fd, 1);
  running_->server.stop();
  running_->acceptor.join();
}

}  // namespace longspan

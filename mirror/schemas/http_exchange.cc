#include "mirror/schemas/http_exchange.h"

#include <curl/curl.h>
#include <strings.h>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lagcalc/assert.h"
#include "lagcalc/deleter.h"

namespace longspan {

namespace {

constexpr int kWaitMs = 1'000;  // a wait ends earlier when bytes come, or a request to stop

using Easy = std::unique_ptr<CURL, Deleter<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Deleter<curl_multi_cleanup>>;
using HeaderList = std::unique_ptr<curl_slist, Deleter<curl_slist_free_all>>;

// Owns: the strings are copied.
HeaderList header_list(const std::vector<HttpHeader>& headers) {
  HeaderList list(curl_slist_append(nullptr, "Expect:"));  // no asking before a large body
  for (const HttpHeader& header : headers) {
    const std::string line = header.name + ": " + header.value;
    const curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    LONGSPAN_ASSERT(longer == list.get());  // its first entry stays the list's handle
  }
  return list;
}

HttpFailure::Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return HttpFailure::Kind::tls;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_NOT_BUILT_IN:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
      return HttpFailure::Kind::unusable;
    default:
      return HttpFailure::Kind::network;
  }
}

// What arrives for one request.
struct Arriving {
  HttpResponse response;
  std::size_t bytes = 0;
  std::size_t bytes_max = 0;
  bool is_head_whole = false;

  [[nodiscard]] bool is_too_large() const { return bytes > bytes_max; }
  bool count(std::size_t more) {
    bytes += more;
    return !is_too_large();
  }
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* arriving) {
  auto* const into = static_cast<Arriving*>(arriving);
  if (!into->count(size)) return 0;  // which curl takes for an error, and ends
  into->response.body.append(data, size);
  return size;
}

// The value, when the line is that header.
std::optional<std::string> header_value(std::string_view line, std::string_view name) {
  const bool is_it = line.size() > name.size() && line[name.size()] == ':' &&
                     strncasecmp(line.data(), name.data(), name.size()) == 0;
  if (!is_it) return {};
  line.remove_prefix(name.size() + 1);
  const auto first = line.find_first_not_of(" \t");
  const auto last = line.find_last_not_of(" \t\r\n");
  if (first == std::string_view::npos || last < first) return std::string();
  return std::string(line.substr(first, last - first + 1));
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* arriving) {
  auto* const into = static_cast<Arriving*>(arriving);
  if (!into->count(size)) return 0;
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) into->response = {};  // behind a proxy's, or an interim one
  into->is_head_whole = line == "\r\n" || line == "\n";
  if (auto value = header_value(line, "retry-after")) into->response.retry_after = *value;
  if (auto value = header_value(line, "location")) into->response.location = *value;
  if (auto value = header_value(line, "content-type")) into->response.content_type = *value;
  return size;
}

// One transfer at a time, and the connections that it leaves for the next.
class Line {
 public:
  Line() : multi_(curl_multi_init()), easy_(curl_easy_init()) { LONGSPAN_ASSERT(multi_ && easy_); }

  Result<HttpResponse, HttpFailure> send(const HttpRequest& request, const TlsFiles& tls,
                                         const ExchangeLimits& limits, const std::stop_token& stop);

 private:
  template <class T>
  void set(CURLoption option, T value) {
    const CURLcode code = curl_easy_setopt(easy_.get(), option, value);
    if (code != CURLE_OK && prepared_ == CURLE_OK) prepared_ = code;
  }
  void prepare(const HttpRequest& request);
  void prepare_tls(const TlsFiles& tls);
  void prepare_limits(const ExchangeLimits& limits);
  [[nodiscard]] std::optional<CURLcode> transfer(const std::stop_token& stop);
  [[nodiscard]] std::optional<CURLcode> run_to_end(const std::stop_token& stop);
  [[nodiscard]] HttpFailure failure(CURLcode code) const;

  Multi multi_;
  Easy easy_;  // destroyed before multi_, which closes what it leaves
  CURLcode prepared_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> words_{};
};

void Line::prepare(const HttpRequest& request) {
  set(CURLOPT_ERRORBUFFER, words_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // else a time-out or a stop waits for a hung resolver
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_PATH_AS_IS, 1L);  // a subject may be called ".."
  set(CURLOPT_URL, request.url.c_str());
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_HEADERFUNCTION, &on_header);
}

void Line::prepare_tls(const TlsFiles& tls) {
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!tls.ca_file.empty()) set(CURLOPT_CAINFO, tls.ca_file.c_str());
  if (tls.certificate_file.empty()) return;
  set(CURLOPT_SSLCERT, tls.certificate_file.c_str());
  set(CURLOPT_SSLKEY, (tls.key_file.empty() ? tls.certificate_file : tls.key_file).c_str());
  if (!tls.key_password.empty()) set(CURLOPT_KEYPASSWD, tls.key_password.c_str());
}

void Line::prepare_limits(const ExchangeLimits& limits) {
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_timeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total_timeout.count()));
}

Result<HttpResponse, HttpFailure> Line::send(const HttpRequest& request, const TlsFiles& tls,
                                             const ExchangeLimits& limits,
                                             const std::stop_token& stop) {
  curl_easy_reset(easy_.get());  // keeps the connections
  words_.front() = '\0';
  prepared_ = CURLE_OK;
  Arriving arriving;
  arriving.bytes_max = limits.answer_bytes_max;
  const HeaderList list = header_list(request.headers);
  prepare(request);
  prepare_tls(tls);
  prepare_limits(limits);
  set(CURLOPT_HTTPHEADER, list.get());
  set(CURLOPT_WRITEDATA, &arriving);
  set(CURLOPT_HEADERDATA, &arriving);
  if (prepared_ != CURLE_OK) return failure(prepared_);
  const std::optional<CURLcode> code = transfer(stop);
  if (!code) return HttpFailure{HttpFailure::Kind::stopped, "stopped"};
  if (arriving.is_too_large()) {
    return HttpFailure{
        HttpFailure::Kind::too_large,
        "the answer is larger than " + std::to_string(arriving.bytes_max) + " bytes"};
  }
  if (*code != CURLE_OK) return failure(*code);
  // curl takes a connection that is lost within the head for the end of an answer without a body.
  if (!arriving.is_head_whole) {
    return HttpFailure{HttpFailure::Kind::network, "the connection was lost within the answer"};
  }
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  arriving.response.status = static_cast<int>(status);
  return std::move(arriving.response);
}

// Absent: stopped.
std::optional<CURLcode> Line::transfer(const std::stop_token& stop) {
  if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) return CURLE_FAILED_INIT;
  const std::optional<CURLcode> code = run_to_end(stop);
  curl_multi_remove_handle(multi_.get(), easy_.get());  // closes what has not ended
  return code;
}

std::optional<CURLcode> Line::run_to_end(const std::stop_token& stop) {
  // A request to stop between the look at it and the wait is kept by curl, and ends that wait.
  const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_.get()); });
  int running = 1;
  while (true) {
    if (stop.stop_requested()) return {};
    if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) return CURLE_FAILED_INIT;
    if (running == 0) break;
    if (curl_multi_poll(multi_.get(), nullptr, 0, kWaitMs, nullptr) != CURLM_OK) {
      return CURLE_FAILED_INIT;
    }
  }
  int left = 0;
  const CURLMsg* const end = curl_multi_info_read(multi_.get(), &left);
  return end == nullptr ? CURLE_FAILED_INIT : end->data.result;
}

HttpFailure Line::failure(CURLcode code) const {
  const char* const said = words_.front() != '\0' ? words_.data() : curl_easy_strerror(code);
  return {kind_of(code), said};
}

}  // namespace

// Those who wait for a line are served in no order.
class HttpExchange::Lines {
 public:
  Lines(TlsFiles tls, ExchangeLimits limits, std::stop_token stop)
      : tls_(std::move(tls)), limits_(limits), stop_(std::move(stop)) {
    LONGSPAN_ASSERT(limits_.connections_max > 0);
  }

  Result<HttpResponse, HttpFailure> send(const HttpRequest& request) {
    std::unique_ptr<Line> line = take();
    if (!line) return HttpFailure{HttpFailure::Kind::stopped, "stopped"};
    auto response = line->send(request, tls_, limits_, stop_);
    give_back(std::move(line));
    return response;
  }

 private:
  // Nothing: stopped.
  std::unique_ptr<Line> take() {
    std::unique_lock lock(mutex_);
    const bool has_one = freed_.wait(
        lock, stop_, [this] { return !idle_.empty() || made_ < limits_.connections_max; });
    if (!has_one || stop_.stop_requested()) return nullptr;
    if (idle_.empty()) {
      ++made_;
      return std::make_unique<Line>();
    }
    auto line = std::move(idle_.back());  // the last used: its connection lives most likely
    idle_.pop_back();
    return line;
  }
  void give_back(std::unique_ptr<Line> line) {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(line));
    freed_.notify_one();
  }

  const TlsFiles tls_;
  const ExchangeLimits limits_;
  const std::stop_token stop_;
  std::mutex mutex_;  // for everything below
  std::condition_variable_any freed_;
  std::vector<std::unique_ptr<Line>> idle_;
  std::size_t made_ = 0;
};

HttpExchange::HttpExchange(TlsFiles tls, ExchangeLimits limits, std::stop_token stop) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  LONGSPAN_ASSERT(ready == CURLE_OK);
  lines_ = std::make_unique<Lines>(std::move(tls), limits, std::move(stop));
}

HttpExchange::~HttpExchange() = default;

Result<HttpResponse, HttpFailure> HttpExchange::send(const HttpRequest& request) {
  return lines_->send(request);
}

}  // namespace longspan

#include "trace/exporter.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <future>
#include <random>
#include <utility>

#include "base/log.h"
#include "http/client.h"
#include "http/syntax.h"

namespace selvage::trace {
namespace {

constexpr int kLowPriority = 10;
constexpr size_t kLongestAnswer = size_t{64} * 1024;
/// Between two lines of the log about the same trouble.
constexpr std::chrono::minutes kSilence{1};

http::ClientOptions client_options(const ExporterOptions& options) {
  http::ClientOptions client;
  client.allow_private = true;  // the operator has named it
  client.connect_timeout = options.timeout;
  return client;
}

/// Reads what it is answered with, and no more than that.
class AnswerReader : public std::enable_shared_from_this<AnswerReader> {
 public:
  using Done = UniqueFunction<void(std::string)>;

  AnswerReader(std::shared_ptr<loop::Pipe> pipe, Done done)
      : pipe_(std::move(pipe)), done_(std::move(done)) {}
  void read() {
    pipe_->read([self = shared_from_this()](Result<loop::Pipe::Chunk> chunk) {
      if (chunk && chunk->has_value()) {
        self->text_ += **chunk;
        if (self->text_.size() <= kLongestAnswer) return self->read();
        self->pipe_->cancel({ErrorCode::limit_exceeded, "the answer is too long", ""});
      }
      if (self->done_) std::exchange(self->done_, nullptr)(std::move(self->text_));
    });
  }

 private:
  std::shared_ptr<loop::Pipe> pipe_;
  Done done_;
  std::string text_;
};

}  // namespace

/// All on the exporter's loop.
class Exporter::Sender {
 public:
  explicit Sender(Exporter& exporter)
      : exporter_(exporter),
        client_(exporter.loop_, client_options(exporter.options_)),
        interval_(exporter.loop_),
        again_(exporter.loop_),
        limit_(exporter.loop_),
        end_(exporter.loop_) {
    tick();
  }
  ~Sender() { *alive_ = false; }

  /// There is a whole batch, or it is time.
  void wake() {
    if (!finished_ && call_ == nullptr && !again_.active()) take();
  }

  void close(UniqueFunction<void()> closed) {
    closed_ = std::move(closed);
    interval_.cancel();
    end_.start(options().closing_limit, [this] { finish(); });
    if (again_.active()) {
      again_.cancel();
      send();
    } else if (call_ == nullptr) {
      take();
    }
  }

 private:
  [[nodiscard]] const ExporterOptions& options() const { return exporter_.options_; }

  void tick() {
    interval_.start(options().interval, [this] {
      wake();
      tick();
    });
  }

  void take() {
    const std::vector<Span> spans =
        exporter_.queue_.take(options().batch_spans, options().batch_bytes);
    if (spans.empty()) {
      if (closed_) finish();
      return;
    }
    count_ = spans.size();
    tries_ = 0;
    body_ = to_otlp_json(options().resource, spans);
    count([&](Statistics& statistics) { statistics.waiting = count_; });
    send();
  }

  void send() {
    ++tries_;
    count([](Statistics& statistics) { ++statistics.requests; });
    http::Request request;
    request.method = "POST";
    request.url = options().endpoint;
    request.headers = "Content-Type: application/json\r\nUser-Agent: Selvage/" +
                      options().resource.version + "\r\n" + options().headers;
    request.body = http::Body::of(std::string(body_));
    limit_.start(options().timeout, [this] {
      if (call_) call_->cancel({ErrorCode::timeout, "it did not answer in time", ""});
    });
    call_ = client_.fetch(std::move(request), {.decompress = true},
                          [this, alive = alive_](Result<http::Response> response) {
                            if (*alive) answered(std::move(response));
                          });
  }

  void answered(Result<http::Response> response) {
    if (!response) return fail(response.error().describe(), "");
    status_ = response->status;
    retry_after_ = http::find_field(response->headers, "retry-after");
    if (!response->body.pipe) return judge(response->body.bytes);
    std::make_shared<AnswerReader>(response->body.pipe, [this,
                                                         alive = alive_](const std::string& text) {
      if (*alive) judge(text);
    })->read();
  }

  void judge(std::string_view answer) {
    if (status_ >= 200 && status_ < 300) {
      const PartialSuccess partial = parse_partial_success(answer);
      const uint64_t refused = std::min<uint64_t>(partial.rejected, count_);
      if (refused > 0) complain("it refused spans: " + partial.message);
      over([&](Statistics& statistics) {
        statistics.exported += count_ - refused;
        statistics.refused += refused;
      });
      if (refused == 0 && std::exchange(failing_, false)) {
        log_info("traces", options().endpoint + " takes spans again");
      }
      return;
    }
    const std::string reason = "it answered with status " + std::to_string(status_);
    if (may_retry(status_)) return fail(reason, retry_after_);
    complain(reason);
    over([&](Statistics& statistics) { statistics.refused += count_; });
  }

  /// For a while at least.
  void fail(const std::string& reason, std::string_view retry_after) {
    complain(reason);
    const auto wait = next_try(options().backoff, tries_, retry_after, fraction_(random_));
    if (!wait || closed_) {
      over([&](Statistics& statistics) { statistics.failed += count_; });
      return;
    }
    settle();
    again_.start(*wait, [this] { send(); });
  }

  /// The call that was answered is no more; not from within its callback's own frame.
  void settle() {
    limit_.cancel();
    call_.reset();
  }

  template <class Change>
  void over(Change change) {
    settle();
    count([&](Statistics& statistics) {
      change(statistics);
      statistics.waiting = 0;
    });
    count_ = 0;
    body_.clear();
    if (closed_ || exporter_.queue_.size() >= options().batch_spans) {
      // Later: this may be within the client.
      exporter_.loop_.defer([this, alive = alive_] {
        if (*alive && call_ == nullptr && !again_.active()) take();
      });
    }
  }

  void finish() {
    if (!closed_) return;
    settle();
    again_.cancel();
    end_.cancel();
    uint64_t lost = count_;
    for (;;) {
      const auto rest = exporter_.queue_.take(options().batch_spans, options().batch_bytes);
      if (rest.empty()) break;
      lost += rest.size();
    }
    count([&](Statistics& statistics) {
      statistics.failed += lost;
      statistics.waiting = 0;
    });
    count_ = 0;
    finished_ = true;
    std::exchange(closed_, nullptr)();
  }

  void complain(const std::string& reason) {
    const auto now = std::chrono::steady_clock::now();
    if (failing_ && now < next_line_) return;
    failing_ = true;
    next_line_ = now + kSilence;
    const Statistics so_far = exporter_.statistics();
    log_warn("traces", "cannot send spans to " + options().endpoint + ": " + reason +
                           " (lost so far: " +
                           std::to_string(so_far.dropped + so_far.refused + so_far.failed) + ")");
  }

  template <class Change>
  void count(Change change) {
    std::lock_guard lock(exporter_.mutex_);
    change(exporter_.statistics_);
  }

  Exporter& exporter_;
  http::Client client_;
  loop::Timer interval_;  // until a batch goes that is not full
  loop::Timer again_;     // until the batch is sent again
  loop::Timer limit_;     // of a call
  loop::Timer end_;       // of close()
  std::unique_ptr<http::ClientCall> call_;
  size_t count_ = 0;  // spans on their way
  std::string body_;
  int tries_ = 0;
  int status_ = 0;
  std::string retry_after_;
  bool failing_ = false;
  bool finished_ = false;  // close() is over: nothing is sent any more
  std::chrono::steady_clock::time_point next_line_;
  std::minstd_rand random_{std::random_device()()};
  std::uniform_real_distribution<double> fraction_;
  UniqueFunction<void()> closed_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Exporter::Exporter(int loop_index, ExporterOptions options)
    : options_(std::move(options)), queue_(options_.queue), loop_(loop_index) {
  sender_ = std::make_unique<Sender>(*this);
  thread_ = std::thread([this] {
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kLowPriority);
    loop_.carry();
  });
}

Exporter::~Exporter() {
  close();
  loop_.post([this] {
    sender_.reset();
    loop_.post([this] { loop_.stop(); });
  });
  thread_.join();
}

void Exporter::add(Span span) {
  // Whoever completes a batch says so.
  if (queue_.push(std::move(span)) != options_.batch_spans) return;
  loop_.post([this] {
    if (sender_) sender_->wake();
  });
}

void Exporter::close() {
  if (std::exchange(closed_, true)) return;
  auto done = std::make_shared<std::promise<void>>();
  loop_.post([this, done] { sender_->close([done] { done->set_value(); }); });
  done->get_future().wait();
}

Exporter::Statistics Exporter::statistics() const {
  const size_t waiting = queue_.size();
  const uint64_t dropped = queue_.dropped();
  std::lock_guard lock(mutex_);
  Statistics statistics = statistics_;
  statistics.waiting += waiting;
  statistics.dropped = dropped;
  return statistics;
}

}  // namespace selvage::trace

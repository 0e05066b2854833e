#include "object/sql_session.h"

#include <atomic>
#include <ctime>
#include <utility>

#include "object/sql_error.h"
#include "store/sqlite_additions.h"

namespace selvage::object {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementPointer = std::unique_ptr<sqlite3_stmt, Finalize>;

const char* skip_space(const char* at) {
  while (*at == ' ' || (*at >= '\t' && *at <= '\r')) ++at;
  return at;
}

int bind_value(sqlite3_stmt* statement, int index, const SqlBinding& binding) {
  // The cursor owns the bindings for as long as the statement has them.
  if (const auto* number = std::get_if<double>(&binding))
    return sqlite3_bind_double(statement, index, *number);
  if (const auto* text = std::get_if<std::string>(&binding))
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  if (const auto* blob = std::get_if<SqlBlob>(&binding))
    return sqlite3_bind_blob64(statement, index, blob->bytes.data(), blob->bytes.size(),
                               SQLITE_STATIC);
  return sqlite3_bind_null(statement, index);
}

}  // namespace

struct SqlCursor::Query {
  std::string text;
  /// All statements but the last.
  std::vector<StatementPointer> before;
  StatementPointer last;
  std::shared_ptr<const SqlColumns> columns;
  /// How often SQLite had compiled it anew when the columns were looked at.
  int compiled_again = 0;
  bool writes = false;
  bool running = false;
  bool used = false;
  int parameters = 0;
};

// --- The cursor ------------------------------------------------------------------------------

SqlCursor::SqlCursor(SqlSession& session, std::shared_ptr<Query> query,
                     std::vector<SqlBinding> bindings)
    : session_(&session), query_(std::move(query)), bindings_(std::move(bindings)) {
  query_->running = true;
  was_cached_ = std::exchange(query_->used, true);
  writes_ = query_->writes;
}

SqlCursor& SqlCursor::operator=(SqlCursor&& other) noexcept {
  if (this != &other) {
    end();
    session_ = other.session_;
    query_ = std::move(other.query_);
    bindings_ = std::move(other.bindings_);
    columns_ = std::move(other.columns_);
    rows_read_ = other.rows_read_;
    rows_written_ = other.rows_written_;
    writes_ = other.writes_;
    was_cached_ = other.was_cached_;
  }
  return *this;
}

SqlCursor::~SqlCursor() { end(); }

void SqlCursor::end() {
  if (!query_) return;
  sqlite3_stmt* statement = query_->last.get();
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  query_->running = false;
  query_.reset();
  bindings_.clear();
}

void SqlCursor::count() {
  sqlite3_uint64 read = 0;
  sqlite3_uint64 written = 0;
  sqlite3_selvage_rows(query_->last.get(), &read, &written);
  rows_read_ = read;
  rows_written_ = written;
}

Status SqlCursor::start() {
  sqlite3_stmt* statement = query_->last.get();
  if (bindings_.size() != static_cast<size_t>(query_->parameters)) {
    end();
    return session_->refused("Wrong number of parameter bindings for SQL query.");
  }
  if (writes_) {
    if (Status status = session_->host_.before_write(); !status) {
      end();
      return status;
    }
  }
  for (size_t i = 0; i < bindings_.size(); ++i) {
    const int result = bind_value(statement, static_cast<int>(i + 1), bindings_[i]);
    if (result == SQLITE_OK) continue;
    auto failure = session_->failed(result);
    end();
    return failure;
  }
  sqlite3_selvage_reset_rows(statement);
  SELVAGE_CHECK_STATUS(next());
  return {};
}

Status SqlCursor::next() {
  int result = SQLITE_OK;
  {
    SqlAuthorizer::ForScript script(session_->authorizer_);
    result = sqlite3_step(query_->last.get());
  }
  count();
  if (result == SQLITE_ROW) return {};
  if (result == SQLITE_DONE) {
    end();
    return {};
  }
  auto failure = session_->failed(result);
  end();
  return failure;
}

SqlValue SqlCursor::value(int column) const {
  sqlite3_stmt* statement = query_->last.get();
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return static_cast<int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      return text == nullptr ? std::string_view() : std::string_view(text, size);
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      return SqlBlobView{bytes == nullptr ? std::string_view() : std::string_view(bytes, size)};
    }
    default: return std::monostate();
  }
}

// --- The session -----------------------------------------------------------------------------

SqlSession::SqlSession(sqlite3* database, SqlAuthorizer& authorizer, SqlHost& host, Options options)
    : database_(database), authorizer_(authorizer), host_(host), options_(options) {
  constexpr int kInstructions = 4096;
  sqlite3_progress_handler(
      database_, kInstructions,
      [](void* self) { return static_cast<SqlSession*>(self)->out_of_time() ? 1 : 0; }, this);
}

SqlSession::~SqlSession() { sqlite3_progress_handler(database_, 0, nullptr, nullptr); }

bool SqlSession::out_of_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  const std::chrono::nanoseconds now =
      std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  if (!clock_started_) clock_started_ = now;
  return now - *clock_started_ > options_.cpu_time;
}

tl::unexpected<Error> SqlSession::failed(int result) {
  Error error = sql_error(database_, result);
  if ((result & 0xff) == SQLITE_AUTH && authorizer_.refusal() != nullptr)
    error.message = authorizer_.refusal();
  return fail(host_.failed_statement(std::move(error)));
}

tl::unexpected<Error> SqlSession::refused(std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message));
}

/// One step is enough for a statement whose rows nobody wants: what it writes, it writes before the
/// first.
Status SqlSession::step_once(sqlite3_stmt* statement) {
  if (sqlite3_stmt_readonly(statement) == 0) SELVAGE_CHECK_STATUS(host_.before_write());
  int result = SQLITE_OK;
  {
    SqlAuthorizer::ForScript script(authorizer_);
    result = sqlite3_step(statement);
  }
  if (result != SQLITE_ROW && result != SQLITE_DONE) {
    auto failure = failed(result);
    sqlite3_reset(statement);
    return failure;
  }
  sqlite3_reset(statement);
  return {};
}

/// Compiles `text`, running every statement but the last on the way: a later one may need what an
/// earlier one makes.
Result<std::shared_ptr<SqlSession::Query>> SqlSession::compile(std::string_view text,
                                                               bool to_keep) {
  auto query = std::make_shared<Query>();
  query->text = text;
  const char* at = query->text.c_str();
  const char* const end = at + query->text.size();
  for (;;) {
    sqlite3_stmt* raw = nullptr;
    const char* tail = nullptr;
    int result = SQLITE_OK;
    {
      SqlAuthorizer::ForScript script(authorizer_);
      result = sqlite3_prepare_v3(database_, at, static_cast<int>(end - at),
                                  to_keep ? SQLITE_PREPARE_PERSISTENT : 0, &raw, &tail);
    }
    StatementPointer statement(raw);
    if (result != SQLITE_OK) return failed(result);
    if (!statement) return refused("SQL code did not contain a statement.");
    tail = skip_space(tail);
    if (tail == end) {
      query->writes = sqlite3_stmt_readonly(statement.get()) == 0;
      query->parameters = sqlite3_bind_parameter_count(statement.get());
      query->last = std::move(statement);
      return query;
    }
    if (sqlite3_bind_parameter_count(statement.get()) != 0) {
      return refused(
          "When executing multiple SQL statements in a single call, only the last statement can "
          "have parameters.");
    }
    SELVAGE_CHECK_STATUS(step_once(statement.get()));
    query->before.push_back(std::move(statement));
    at = tail;
  }
}

Status SqlSession::run_again(Query& query) {
  for (StatementPointer& statement : query.before) SELVAGE_CHECK_STATUS(step_once(statement.get()));
  return {};
}

Result<SqlCursor> SqlSession::exec(std::string_view text, std::vector<SqlBinding> bindings) {
  std::shared_ptr<Query> query;
  if (const auto found = cache_.find(text); found != cache_.end()) {
    order_.splice(order_.end(), order_, found->second);
    query = *found->second;
    if (query->running) {
      SELVAGE_TRY(query, compile(text, /*to_keep=*/false));
    } else {
      SELVAGE_CHECK_STATUS(run_again(*query));
    }
  } else {
    SELVAGE_TRY(query, compile(text, /*to_keep=*/true));
    order_.push_back(query);
    cache_.emplace(query->text, std::prev(order_.end()));
    cached_bytes_ += query->text.size();
    shrink();
  }
  SqlCursor cursor(*this, std::move(query), std::move(bindings));
  std::shared_ptr<Query> running = cursor.query_;
  SELVAGE_CHECK_STATUS(cursor.start());
  find_columns(*running);
  cursor.columns_ = running->columns;
  return cursor;
}

/// After the first step, which may have compiled the statement anew.
void SqlSession::find_columns(Query& query) {
  sqlite3_stmt* statement = query.last.get();
  const int compiled_again = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_REPREPARE, 0);
  if (query.columns && query.compiled_again == compiled_again) return;
  static std::atomic<uint32_t> last_number{0};
  auto columns = std::make_shared<SqlColumns>();
  columns->number = ++last_number;
  const int count = sqlite3_column_count(statement);
  columns->names.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) columns->names.emplace_back(sqlite3_column_name(statement, i));
  query.columns = std::move(columns);
  query.compiled_again = compiled_again;
}

void SqlSession::shrink() {
  while (cached_bytes_ > options_.cache_bytes && !order_.empty()) {
    const std::shared_ptr<Query>& oldest = order_.front();
    cached_bytes_ -= oldest->text.size();
    cache_.erase(oldest->text);
    order_.pop_front();
  }
}

void SqlSession::add_to(HotMemory& memory) const {
  memory.add(this, sizeof(*this));
  if (order_.empty()) return;
  const std::shared_ptr<Query>& query = order_.back();
  memory.add(&query, sizeof(query));
  memory.add(query.get(), sizeof(*query));
  memory.add(query->text.data(), query->text.size());
  memory.add(&*cache_.find(query->text), sizeof(decltype(cache_)::value_type));
  memory.add(query->last.get());
}

int32_t SqlSession::keep(SqlCursor cursor) {
  static std::atomic<uint32_t> last_number{0};
  const auto number = static_cast<int32_t>(++last_number & INT32_MAX);
  kept_.emplace(number, std::move(cursor));
  return number;
}

SqlCursor* SqlSession::find(int32_t number) {
  const auto found = kept_.find(number);
  return found == kept_.end() ? nullptr : &found->second;
}

}  // namespace selvage::object

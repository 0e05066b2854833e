#include "kv/stored_value.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/broken_variant.h"

namespace selvage::kv {

using store::Database;
using store::Statement;

namespace {

/// Of dropped values, in one transaction: SQLite reads all pages of what it removes.
constexpr size_t kRemoveAtOnce = 4;

}  // namespace

void ValuesInUse::begin(int64_t value) {
  std::lock_guard lock(mutex_);
  ++readers_[value];
}

void ValuesInUse::end(int64_t value) {
  std::lock_guard lock(mutex_);
  const auto found = readers_.find(value);
  if (--found->second == 0) readers_.erase(found);
}

bool ValuesInUse::contains(int64_t value) const {
  std::lock_guard lock(mutex_);
  return readers_.contains(value);
}

class StoredValueReader::Held final : public LongValue {
 public:
  Held(std::weak_ptr<Pieces> pieces, std::shared_ptr<ValuesInUse> in_use, int64_t value,
       size_t size)
      : LongValue(size), pieces_(std::move(pieces)), in_use_(std::move(in_use)), value_(value) {
    in_use_->begin(value_);
  }
  ~Held() override { in_use_->end(value_); }

  [[nodiscard]] Result<size_t> read_into(size_t offset, std::span<char> into) const override {
    const std::shared_ptr<Pieces> pieces = pieces_.lock();
    if (!pieces) return fail(ErrorCode::aborted, "the KV store has been closed");
    const size_t wanted = std::min(into.size(), size() - std::min(offset, size()));
    for (size_t done = 0; done < wanted;) {
      Statement::Use use(pieces->find);
      pieces->find.bind_integer(1, value_);
      pieces->find.bind_integer(2, static_cast<int64_t>(offset + done));
      SELVAGE_TRY(const bool row, pieces->find.step());
      const size_t skip =
          row ? offset + done - static_cast<size_t>(pieces->find.integer(0)) : size_t{0};
      const std::string_view bytes = row ? pieces->find.bytes(1) : std::string_view();
      if (bytes.size() <= skip)
        return fail(ErrorCode::corrupt, "a part of a KV value is missing in the database",
                    "Write the value again, or bring the data folder back from a backup");
      const size_t some = std::min(bytes.size() - skip, wanted - done);
      std::memcpy(into.data() + done, bytes.data() + skip, some);
      done += some;
    }
    return wanted;
  }

 private:
  const std::weak_ptr<Pieces> pieces_;
  const std::shared_ptr<ValuesInUse> in_use_;
  const int64_t value_;
};

Status StoredValueReader::prepare(Database& database) {
  SELVAGE_TRY(Statement find,
              database.prepare("SELECT start, bytes FROM pieces WHERE value = ?1 AND start <= ?2 "
                               "ORDER BY start DESC LIMIT 1"));
  pieces_ = std::make_shared<Pieces>(Pieces{std::move(find)});
  return {};
}

std::shared_ptr<const LongValue> StoredValueReader::hold(int64_t value, size_t size) {
  return std::make_shared<Held>(pieces_, in_use_, value, size);
}

Status StoredValueWriter::prepare(Database& database) {
  SELVAGE_TRY(find_, database.prepare("SELECT long_value FROM entries WHERE namespace = ?1 AND "
                                      "key = ?2 AND long_value IS NOT NULL"));
  SELVAGE_TRY(add_piece_,
              database.prepare("INSERT INTO pieces(value, start, bytes) VALUES(?1, ?2, ?3)"));
  SELVAGE_TRY(add_dropped_, database.prepare("INSERT INTO dropped(value) VALUES(?1)"));
  SELVAGE_TRY(list_dropped_, database.prepare("SELECT value FROM dropped"));
  SELVAGE_TRY(erase_pieces_, database.prepare("DELETE FROM pieces WHERE value = ?1"));
  SELVAGE_TRY(erase_dropped_, database.prepare("DELETE FROM dropped WHERE value = ?1"));
  SELVAGE_TRY(begin_, database.prepare("BEGIN IMMEDIATE"));
  SELVAGE_TRY(commit_, database.prepare("COMMIT"));
  SELVAGE_TRY(rollback_, database.prepare("ROLLBACK"));
  SELVAGE_TRY(Statement last, database.prepare("SELECT coalesce(max(value), 0) FROM pieces"));
  SELVAGE_TRY(const bool row, last.step());
  last_ = row ? last.integer(0) : 0;
  any_ = last_ != 0;
  any_dropped_ = any_;
  return {};
}

Result<std::optional<int64_t>> StoredValueWriter::find(int64_t space, std::string_view key) {
  if (!any_) return std::nullopt;
  Statement::Use use(find_);
  find_.bind_integer(1, space);
  find_.bind_text(2, key);
  SELVAGE_TRY(const bool row, find_.step());
  return row ? std::optional(find_.integer(0)) : std::nullopt;
}

Result<int64_t> StoredValueWriter::add(std::string_view bytes, const LongValue* other) {
  any_ = true;
  const int64_t value = ++last_;
  const size_t size = other != nullptr ? other->size() : bytes.size();
  std::string buffer;
  for (size_t start = 0; start < size; start += piece_bytes_) {
    std::string_view piece;
    if (other != nullptr) {
      SELVAGE_TRY(buffer, other->read(start, piece_bytes_));
      piece = buffer;
    } else {
      piece = bytes.substr(start, piece_bytes_);
    }
    if (SELVAGE_BROKEN("kv-shorten-upload") && other != nullptr && start + piece.size() == size)
      piece.remove_suffix(1);
    add_piece_.bind_integer(1, value);
    add_piece_.bind_integer(2, static_cast<int64_t>(start));
    add_piece_.bind_blob(3, piece);
    SELVAGE_CHECK_STATUS(add_piece_.run());
  }
  return value;
}

Status StoredValueWriter::drop(int64_t value) {
  any_dropped_ = true;
  if (SELVAGE_BROKEN("kv-forget-dropped")) return {};
  add_dropped_.bind_integer(1, value);
  return add_dropped_.run();
}

Result<bool> StoredValueWriter::remove_dropped() {
  std::vector<int64_t> values;
  bool more = false;
  bool held = false;
  {
    Statement::Use use(list_dropped_);
    for (;;) {
      SELVAGE_TRY(const bool row, list_dropped_.step());
      if (!row) break;
      const int64_t value = list_dropped_.integer(0);
      if (in_use_->contains(value) && !SELVAGE_BROKEN("kv-remove-what-is-read")) {
        held = true;
      } else if (values.size() < kRemoveAtOnce) {
        values.push_back(value);
      } else {
        more = true;
        break;
      }
    }
  }
  if (!values.empty()) {
    Status removed = begin_.run();
    for (size_t i = 0; removed && i < values.size(); ++i) {
      erase_pieces_.bind_integer(1, values[i]);
      removed = erase_pieces_.run();
      erase_dropped_.bind_integer(1, values[i]);
      if (removed) removed = erase_dropped_.run();
    }
    if (removed) removed = commit_.run();
    if (!removed) {
      (void)rollback_.run();
      return fail(std::move(removed).error());
    }
  }
  any_dropped_ = more || held;
  return more;
}

}  // namespace selvage::kv

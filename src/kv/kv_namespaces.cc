// Whole namespaces of a KvStore: counted, made, removed, renamed.
#include "kv/kv_store.h"

namespace selvage::kv {
namespace {

constexpr int64_t kEraseAtOnce = 1000;

Error no_namespace(const std::string& id) {
  return {ErrorCode::not_found, "there is no KV namespace " + id,
          "`selvage kv namespace list` shows those that there are"};
}

Error already_there(const std::string& id) {
  return {ErrorCode::already_exists, "there is a KV namespace " + id + " already", ""};
}

}  // namespace

Result<std::vector<KvReader::Namespace>> KvReader::namespaces() {
  SELVAGE_TRY(
      store::Statement all,
      database_.prepare("SELECT name, count(key), coalesce(sum(coalesce(long_size, "
                        "length(value))), 0) "
                        "FROM namespaces LEFT JOIN entries ON namespace = id AND "
                        "(expiration IS NULL OR expiration > ?1) GROUP BY id ORDER BY name"));
  all.bind_integer(1, store_.options_.now());
  std::vector<Namespace> found;
  for (;;) {
    SELVAGE_TRY(const bool row, all.step());
    if (!row) return found;
    found.push_back({std::string(all.bytes(0)), static_cast<uint64_t>(all.integer(1)),
                     static_cast<uint64_t>(all.integer(2))});
  }
}

Result<std::optional<int64_t>> KvStore::find_namespace(const std::string& namespace_id) {
  store::Statement::Use use(find_namespace_);
  find_namespace_.bind_text(1, namespace_id);
  SELVAGE_TRY(const bool known, find_namespace_.step());
  return known ? std::optional(find_namespace_.integer(0)) : std::nullopt;
}

Status KvStore::change_namespaces(UniqueFunction<Status()> change) {
  Status status = begin_.run();
  if (status) status = change();
  if (status) status = commit_.run();
  if (!status && database_.in_transaction()) (void)rollback_.run();
  namespaces_.clear();
  generation_.fetch_add(1, std::memory_order_acq_rel);
  versions_.all_changed();
  return status;
}

Status KvStore::create_namespace(const std::string& namespace_id) {
  return run_alone([&] {
    return change_namespaces([&]() -> Status {
      SELVAGE_TRY(const std::optional<int64_t> known, find_namespace(namespace_id));
      if (known) return fail(already_there(namespace_id));
      add_namespace_.bind_text(1, namespace_id);
      return add_namespace_.run();
    });
  });
}

Status KvStore::erase_namespace(const std::string& namespace_id) {
  return run_alone([&]() -> Status {
    SELVAGE_TRY(const std::optional<int64_t> number, find_namespace(namespace_id));
    if (!number) return fail(no_namespace(namespace_id));
    SELVAGE_TRY(store::Statement erase_some,
                database_.prepare("DELETE FROM entries WHERE namespace = ?1 AND key IN "
                                  "(SELECT key FROM entries WHERE namespace = ?1 LIMIT ?2) "
                                  "RETURNING long_value"));
    // In steps, so that no transaction grows with what there is.
    for (bool more = true; more;) {
      SELVAGE_CHECK_STATUS(change_namespaces([&]() -> Status {
        erase_some.bind_integer(1, *number);
        erase_some.bind_integer(2, kEraseAtOnce);
        SELVAGE_TRY(const int64_t erased, run_and_drop(erase_some));
        more = erased == kEraseAtOnce;
        if (more) return {};
        SELVAGE_TRY(store::Statement forget,
                    database_.prepare("DELETE FROM namespaces WHERE id = ?1"));
        forget.bind_integer(1, *number);
        return forget.run();
      }));
    }
    return {};
  });
}

Status KvStore::rename_namespace(const std::string& from, const std::string& to) {
  return run_alone([&] {
    return change_namespaces([&]() -> Status {
      SELVAGE_TRY(const std::optional<int64_t> number, find_namespace(from));
      if (!number) return fail(no_namespace(from));
      SELVAGE_TRY(const std::optional<int64_t> taken, find_namespace(to));
      if (taken) return fail(already_there(to));
      SELVAGE_TRY(store::Statement rename,
                  database_.prepare("UPDATE namespaces SET name = ?2 WHERE id = ?1"));
      rename.bind_integer(1, *number);
      rename.bind_text(2, to);
      return rename.run();
    });
  });
}

}  // namespace selvage::kv

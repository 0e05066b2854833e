// Which KV namespaces there are, and whose they are. What is in them is src/kv's.
#include "deploy/platform/platform_store.h"
#include "deploy/platform/seal.h"

namespace selvage::deploy {
namespace {

KvNamespaceRecord record_of(const store::Statement& row) {
  return {std::string(row.bytes(0)), std::string(row.bytes(1)), std::string(row.bytes(2))};
}

}  // namespace

Result<std::vector<KvNamespaceRecord>> PlatformStore::kv_namespaces(const std::string& account) {
  std::vector<KvNamespaceRecord> found;
  SELVAGE_CHECK_STATUS(
      each("SELECT id, account, title FROM kv_namespaces WHERE account = ?1 ORDER BY title",
           {account}, [&](const store::Statement& row) -> Status {
             found.push_back(record_of(row));
             return {};
           }));
  return found;
}

Result<std::optional<KvNamespaceRecord>> PlatformStore::find_kv_namespace(
    const std::string& account, const std::string& id) {
  std::optional<KvNamespaceRecord> found;
  SELVAGE_CHECK_STATUS(
      each("SELECT id, account, title FROM kv_namespaces WHERE account = ?1 AND id = ?2",
           {account, id}, [&](const store::Statement& row) -> Status {
             found = record_of(row);
             return {};
           }));
  return found;
}

Result<KvNamespaceRecord> PlatformStore::create_kv_namespace(Change& change,
                                                             const std::string& account,
                                                             const std::string& title) {
  KvNamespaceRecord record{random_id(), account, title};
  SELVAGE_CHECK_STATUS(
      run("INSERT INTO kv_namespaces VALUES(?1, ?2, ?3)", {record.id, account, title}));
  SELVAGE_CHECK_STATUS(note(change, "kv.create", record.id, {{"title", title}}));
  return record;
}

Status PlatformStore::rename_kv_namespace(Change& change, const KvNamespaceRecord& record) {
  SELVAGE_CHECK_STATUS(run("UPDATE kv_namespaces SET title = ?3 WHERE account = ?1 AND id = ?2",
                           {record.account, record.id, record.title}));
  return note(change, "kv.rename", record.id, {{"title", record.title}});
}

Status PlatformStore::delete_kv_namespace(Change& change, const KvNamespaceRecord& record) {
  SELVAGE_CHECK_STATUS(
      run("DELETE FROM kv_namespaces WHERE account = ?1 AND id = ?2", {record.account, record.id}));
  return note(change, "kv.delete", record.id);
}

}  // namespace selvage::deploy

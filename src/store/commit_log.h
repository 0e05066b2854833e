// The commit log: where a Durable Object's writes become durable, and the authority on what they
// were. The local form is a group-committed log on this machine's disk (local_commit_log.h); the
// distributed form keeps the same records in a replicated database.
//
// What it promises
//  - A record is durable when its callback gets success, never before.
//  - An object's records are kept in the order of append(). Within an epoch their sequence numbers
//    are contiguous; an append that leaves a gap, or that carries an older epoch than the object's
//    newest, is refused. Epochs fence former owners; no clock is asked.
//  - An error means *outcome unknown*: the record may or may not be in the log. From then on every
//    append of that object in that epoch fails. Its owner must drop what it has in memory,
//    acquire() anew, and rebuild from the log. Blind retries are refused by the epoch rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/function.h"
#include "base/result.h"

namespace selvage::store {

struct Record {
  /// Names the object; 1 to 1024 bytes, opaque to the log.
  std::string object;
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  /// What the owner needs to redo the commit; opaque to the log.
  std::string payload;
};

/// The right to append for one object.
struct Ownership {
  uint64_t epoch = 0;
  /// The first record of this epoch carries `sequence` + 1.
  uint64_t sequence = 0;
};

/// Any thread, except where it says otherwise.
class CommitLog {
 public:
  /// Called on the log's thread, once for each append, in the order of append(). Must be quick: the
  /// next group waits for it.
  using Callback = UniqueFunction<void(const Status&)>;
  using Visitor = UniqueFunction<Status(const Record&)>;

  virtual ~CommitLog() = default;

  /// Takes ownership of `object` with a new epoch, greater than all before. Sequence numbers of an
  /// object only grow, over epochs too. May block.
  virtual Result<Ownership> acquire(std::string_view object) = 0;

  virtual void append(Record record, Callback callback) = 0;

  /// Says that the object's records up to `sequence` are no longer needed: what they did is durable
  /// elsewhere. They may be dropped from now on.
  virtual void checkpoint(std::string_view object, uint64_t sequence) = 0;

  /// Calls `callback` after every append() made before has completed, well or not. Status: success.
  virtual void barrier(Callback callback) = 0;

  /// All objects' records that were not checkpointed when the log was opened, each object's in
  /// order. Once, before the first append. Stops at the visitor's first error and returns it.
  virtual Status recover(Visitor visitor) = 0;

  /// The records of one object that are not checkpointed, in order, without those whose append
  /// failed. Blocks: for rebuilding an object after an error. Not from the log's thread.
  virtual Status read(std::string_view object, Visitor visitor) = 0;

  /// Bytes that the log has taken up, what it held when it was opened included. The difference
  /// between two positions tells how much log an object that is not checkpointed holds back.
  [[nodiscard]] virtual uint64_t position() const = 0;
};

}  // namespace selvage::store

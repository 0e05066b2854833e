#include "object/history_search.h"

#include <fmt/format.h>

#include "object/bookmark.h"
#include "object/page_delta.h"

namespace selvage::object {
namespace {

/// The last commit before the first one that `ends` is true of, and whether there is such a one.
template <class Ends>
Result<std::pair<HistoryPoint, bool>> search(const ObjectHistory& history, uint64_t unfinished,
                                             Ends ends) {
  std::pair<HistoryPoint, bool> found{history.base(), false};
  SELVAGE_CHECK_STATUS(history.scan(unfinished, [&](const HistoryChunk& chunk) -> Result<bool> {
    std::string_view commits = chunk.commits;
    while (const auto commit = take_history_commit(commits)) {
      SELVAGE_TRY(const Commitment said, read_commitment(commit->payload));
      found.second = ends(*commit, said);
      if (found.second) return false;
      HistoryPoint& point = found.first;
      point.sequence = commit->sequence;
      point.page_count = said.page_count;
      if (said.time != 0) point.time = said.time;
      if (said.restore != 0) point.restores = said.restore;
    }
    return true;
  }));
  return found;
}

}  // namespace

Result<std::optional<HistoryPoint>> point_at(const ObjectHistory& history, uint64_t time,
                                             uint64_t unfinished) {
  if (time < history.base().time) return std::nullopt;
  SELVAGE_TRY(const auto found,
              search(history, unfinished, [time](const HistoryCommit&, const Commitment& said) {
                return said.time > time;
              }));
  return found.first;
}

Result<HistoryPoint> point_of(const ObjectHistory& history, uint64_t sequence,
                              uint64_t unfinished) {
  SELVAGE_TRY(const auto found, search(history, unfinished,
                                       [sequence](const HistoryCommit& commit, const Commitment&) {
                                         return commit.sequence > sequence;
                                       }));
  return found.first;
}

Result<uint64_t> first_time(const ObjectHistory& history, uint64_t unfinished) {
  uint64_t first = history.base().time;
  if (first != 0) return first;
  const auto found =
      search(history, unfinished, [&first](const HistoryCommit&, const Commitment& said) {
        first = said.time;
        return first != 0;
      });
  if (!found) return fail(found.error());
  return first;
}

Result<uint64_t> sequence_of(const std::optional<ObjectHistory>& history, std::string_view text,
                             std::string_view object_id, uint64_t unfinished) {
  SELVAGE_TRY(const Bookmark bookmark, Bookmark::parse(text, object_id));
  HistoryPoint current;
  HistoryPoint base;
  if (history) {
    SELVAGE_TRY(const auto end, history->end(unfinished));
    current = end.point;
    base = history->base();
  }
  const bool undo = bookmark.sequence == Bookmark::kBeforeNextRestore;
  if (undo ? bookmark.restores > current.restores : bookmark.sequence > current.sequence) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("\"{}\" is a bookmark of no state that this Durable Object has had", text));
  }
  std::optional<uint64_t> sequence = bookmark.sequence;
  if (undo && bookmark.restores == current.restores) {
    sequence = current.sequence;
  } else if (undo) {
    const uint32_t next = bookmark.restores + 1;
    SELVAGE_TRY(const auto found,
                search(*history, unfinished, [next](const HistoryCommit&, const Commitment& said) {
                  return said.restore == next;
                }));
    sequence = found.second ? std::optional(found.first.sequence) : std::nullopt;
  }
  if (!sequence || *sequence < base.sequence) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("\"{}\" is older than what is kept of this Durable Object's history", text));
  }
  return *sequence;
}

}  // namespace selvage::object

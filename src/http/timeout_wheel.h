// Deadlines of very many connections with one timer. A deadline that moves away costs one store,
// which is what happens with every request; only one that comes nearer is filed anew.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace selvage::http {

/// Coarse: a deadline is noticed within kTick milliseconds after it has passed, when advance() is
/// called that often.
class TimeoutWheel {
 public:
  static constexpr uint64_t kTick = 250;  // milliseconds
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  /// What has deadlines. Must be removed before it is destroyed.
  class Entry {
   public:
    virtual ~Entry() = default;

   protected:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    friend class TimeoutWheel;
    /// The deadline has passed, and is kNever now. May set another one, remove or add any entry.
    virtual void on_deadline(uint64_t now) = 0;

    Entry* previous_ = nullptr;
    Entry* next_ = nullptr;
    uint64_t deadline_ = kNever;
    uint64_t filed_until_ = 0;  // looked at again by then at the latest
  };

  /// `now` in milliseconds, on a clock that never goes back.
  explicit TimeoutWheel(uint64_t now);

  void add(Entry& entry, uint64_t deadline);
  void remove(Entry& entry);
  /// Of an entry that was added.
  void set_deadline(Entry& entry, uint64_t deadline) {
    entry.deadline_ = deadline;
    if (deadline < entry.filed_until_) refile(entry);
  }
  /// Calls on_deadline() of all whose time has come.
  void advance(uint64_t now);

 private:
  struct Slot {
    Entry* first = nullptr;
  };
  static constexpr uint64_t kSlots = 512;

  void refile(Entry& entry);
  void file(Entry& entry);
  void unlink(Entry& entry);

  std::array<Slot, kSlots> slots_{};
  uint64_t tick_;  // the last one that advance() has dealt with
};

}  // namespace selvage::http

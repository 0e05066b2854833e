// A Durable Object's alarm: the time at which its alarm() handler is to run. The object's database
// has it, and with it whoever commits there; AlarmIndex says which objects have one.
#pragma once

#include <cstdint>
#include <string>

namespace selvage::object {

struct Alarm {
  /// Milliseconds since 1970; 0: there is none.
  uint64_t time = 0;
  /// The name from which the object's id was made, if that is known: its handler sees it.
  std::string object_name = {};

  explicit operator bool() const { return time != 0; }
  bool operator==(const Alarm&) const = default;
};

}  // namespace selvage::object

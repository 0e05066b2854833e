// What is kept of a Durable Object's hibernatable WebSockets while the object itself may be out of
// memory: which sockets are whose, their tags and attachments, and the answer that is given to a
// certain message without waking anybody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "worker/event.h"

namespace selvage::worker {

/// An object of the worker at hand, as its stubs name it.
struct ObjectName {
  std::string class_name;
  std::string id;    // 64 hexadecimal digits
  std::string name;  // the name it was made from, if known
};

/// An object that has hibernatable sockets, or settings for them.
struct SocketObject {
  struct AutoResponse {
    std::string request;
    std::string response;
  };

  ObjectName object;
  /// The life of its instance; 0 while it is out of memory.
  InvocationId life = 0;
  std::vector<int32_t> sockets;  // numbers in the socket table, in the order of acceptance
  std::unique_ptr<AutoResponse> auto_response;
  uint32_t event_timeout_ms = 0;  // 0: none
};

/// The part of a socket that outlives its object's instance.
struct HibernatableSocket {
  SocketObject* object;
  std::vector<std::string> tags;
  std::optional<std::string> attachment;  // as V8 serialized it
  double auto_response_time = -1;         // of the last answer; ms since 1970, -1: none yet
  bool closed = false;                    // by the object
};

/// The loop's holder only.
class HibernationTable {
 public:
  /// nullptr when nothing is known about the object.
  SocketObject* find(std::string_view class_name, std::string_view id);
  SocketObject& find_or_add(const ObjectName& name);
  /// Forgets an object that has no sockets (any more).
  void forget_if_empty(SocketObject& object);
  /// The isolate is gone: nobody is awake.
  void all_asleep();

 private:
  static std::string key_of(std::string_view class_name, std::string_view id);
  std::unordered_map<std::string, std::unique_ptr<SocketObject>> objects_;
};

}  // namespace selvage::worker

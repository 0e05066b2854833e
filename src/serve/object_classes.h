// Which class of which worker a namespace's id means, for those who only have the id. Any thread.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "deploy/object_namespaces.h"

namespace selvage::serve {

class ObjectClasses {
 public:
  struct Class {
    std::string worker;
    std::string class_name;
  };

  void set(deploy::NamespaceRegistry registry) {
    std::lock_guard lock(mutex_);
    registry_ = std::move(registry);
  }
  /// nullopt when no class has it (any more).
  [[nodiscard]] std::optional<Class> find(std::string_view namespace_id) const {
    std::lock_guard lock(mutex_);
    const deploy::ObjectNamespace* known = registry_.find_id(namespace_id);
    if (known == nullptr) return std::nullopt;
    return Class{known->worker, known->class_name};
  }

 private:
  mutable std::mutex mutex_;
  deploy::NamespaceRegistry registry_;
};

}  // namespace selvage::serve

#include "worker/hibernation.h"

namespace selvage::worker {

std::string HibernationTable::key_of(std::string_view class_name, std::string_view id) {
  std::string key;
  key.reserve(class_name.size() + 1 + id.size());
  key.append(class_name).append("\n").append(id);
  return key;
}

SocketObject* HibernationTable::find(std::string_view class_name, std::string_view id) {
  const auto found = objects_.find(key_of(class_name, id));
  return found == objects_.end() ? nullptr : found->second.get();
}

SocketObject& HibernationTable::find_or_add(const ObjectName& name) {
  std::unique_ptr<SocketObject>& object = objects_[key_of(name.class_name, name.id)];
  if (object == nullptr) {
    object = std::make_unique<SocketObject>();
    object->object = name;
  }
  return *object;
}

void HibernationTable::forget_if_empty(SocketObject& object) {
  if (object.sockets.empty()) objects_.erase(key_of(object.object.class_name, object.object.id));
}

void HibernationTable::all_asleep() {
  for (auto& [key, object] : objects_) object->life = 0;
}

}  // namespace selvage::worker

#include "trace/span_queue.h"

namespace selvage::trace {

std::string_view cut(std::string_view text) {
  if (text.size() <= Span::kLongestText) return text;
  size_t length = Span::kLongestText;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) --length;
  return text.substr(0, length);
}

void Span::set(std::string_view key, std::string_view text) {
  attributes.push_back({key, std::string(cut(text))});
}

size_t Span::bytes() const {
  const auto of = [](const Attributes& attributes) {
    size_t bytes = attributes.size() * sizeof(Attribute);
    for (const Attribute& each : attributes) {
      if (const auto* text = std::get_if<std::string>(&each.value)) bytes += text->size();
    }
    return bytes;
  };
  size_t bytes = sizeof(Span) + context.state.size() + name.size() + failure.size() +
                 worker.size() + version.size() + of(attributes);
  for (const SpanEvent& event : events) bytes += sizeof(SpanEvent) + of(event.attributes);
  return bytes;
}

size_t SpanQueue::push(Span span) {
  const size_t bytes = span.bytes();
  std::lock_guard lock(mutex_);
  if (spans_.size() >= limits_.spans || bytes_ + bytes > limits_.bytes) {
    ++dropped_;
    return 0;
  }
  bytes_ += bytes;
  spans_.push_back(std::move(span));
  return spans_.size();
}

std::vector<Span> SpanQueue::take(size_t most, size_t bytes) {
  std::vector<Span> taken;
  size_t size = 0;
  std::lock_guard lock(mutex_);
  while (!spans_.empty() && taken.size() < most) {
    const size_t next = spans_.front().bytes();
    if (!taken.empty() && size + next > bytes) break;
    size += next;
    bytes_ -= next;
    taken.push_back(std::move(spans_.front()));
    spans_.pop_front();
  }
  return taken;
}

size_t SpanQueue::size() const {
  std::lock_guard lock(mutex_);
  return spans_.size();
}

uint64_t SpanQueue::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace selvage::trace

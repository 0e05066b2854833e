#include "http/response_head.h"

#include <charconv>
#include <cstring>

#include "http/status.h"
#include "http/syntax.h"

namespace selvage::http {
namespace {

char* put(char* out, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

bool belongs_to_head_answer(BodyFraming framing) {
  return framing == BodyFraming::head_length || framing == BodyFraming::head_unknown;
}

enum class FieldKind : uint8_t { ordinary, content_length, connection };

// Most fields are told apart from the few by their first letter.
FieldKind kind_of(std::string_view line) {
  switch (line.front()) {
    case 'c':
    case 'C':
    case 't':
    case 'T':
    case 'k':
    case 'K':
    case 'd':
    case 'D': break;
    default: return FieldKind::ordinary;
  }
  const std::string_view name = line.substr(0, line.find(':'));
  switch (name.size()) {
    case 4: return equals_ignoring_case(name, "date") ? FieldKind::connection : FieldKind::ordinary;
    case 10:
      return equals_ignoring_case(name, "connection") || equals_ignoring_case(name, "keep-alive")
                 ? FieldKind::connection
                 : FieldKind::ordinary;
    case 14:
      return equals_ignoring_case(name, "content-length") ? FieldKind::content_length
                                                          : FieldKind::ordinary;
    case 17:
      return equals_ignoring_case(name, "transfer-encoding") ? FieldKind::connection
                                                             : FieldKind::ordinary;
    default: return FieldKind::ordinary;
  }
}

// Copies runs of ordinary lines at once.
char* put_block(char* out, std::string_view block, bool keep_length, bool& had_length) {
  const char* run = block.data();
  const char* at = run;
  const char* const end = at + block.size();
  while (at != end) {
    const void* found = std::memchr(at, '\n', static_cast<size_t>(end - at));
    const char* const next = found != nullptr ? static_cast<const char*>(found) + 1 : end;
    const FieldKind kind = kind_of({at, static_cast<size_t>(next - at)});
    const bool keep =
        kind == FieldKind::ordinary || (kind == FieldKind::content_length && keep_length);
    if (kind == FieldKind::content_length) had_length = true;
    if (!keep) {
      out = put(out, {run, static_cast<size_t>(at - run)});
      run = next;
    }
    at = next;
  }
  return put(out, {run, static_cast<size_t>(end - run)});
}

}  // namespace

size_t response_head_bound(const ResponseHeadParts& parts) {
  // "HTTP/1.1 200 " + phrase + CR LF, Content-Length with 20 digits, Connection, the empty line.
  constexpr size_t kFixed = 13 + 64 + 2 + 16 + 20 + 2 + 24 + 2;
  return kFixed + parts.status_text.size() + parts.headers.size() + parts.date_line.size();
}

char* write_response_head(char* out, const ResponseHeadParts& parts) {
  if (parts.status == 200 && parts.status_text.empty()) {
    out = put(out, "HTTP/1.1 200 OK\r\n");
  } else {
    out = put(out, "HTTP/1.1 ");
    out = std::to_chars(out, out + 3, parts.status).ptr;
    *out++ = ' ';
    const bool own_text = !parts.status_text.empty() && is_field_value(parts.status_text);
    out = put(out, own_text ? parts.status_text : reason_phrase(parts.status));
    out = put(out, "\r\n");
  }
  out = put(out, parts.date_line);

  bool had_length = false;
  const bool answers_head = belongs_to_head_answer(parts.framing);
  if (!parts.headers.empty()) out = put_block(out, parts.headers, answers_head, had_length);

  if (parts.framing == BodyFraming::length ||
      (parts.framing == BodyFraming::head_length && !had_length)) {
    out = put(out, "Content-Length: ");
    out = std::to_chars(out, out + 20, parts.length).ptr;
    out = put(out, "\r\n");
  } else if (parts.framing == BodyFraming::chunked) {
    out = put(out, "Transfer-Encoding: chunked\r\n");
  }
  if (parts.connection == ConnectionField::close) {
    out = put(out, "Connection: close\r\n");
  } else if (parts.connection == ConnectionField::keep_alive) {
    out = put(out, "Connection: keep-alive\r\n");
  } else if (parts.connection == ConnectionField::upgrade) {
    out = put(out, "Connection: Upgrade\r\n");
  }
  return put(out, "\r\n");
}

}  // namespace selvage::http

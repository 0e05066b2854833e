// The C interface of Ada 4, the URL parser that the host executable carries and exports without a
// header. Only what we use. builtins/url.ts parses a URL with every part while the snapshot is made
// and fails the build when the layout below is not the host's.
// https://github.com/ada-url/ada
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

/// A view into the URL it was asked of, valid until that is changed or freed.
struct ada_string {
  const char* data;
  size_t length;
};

/// Positions in the href; see builtins/url.ts for a drawing. 0xffffffff where a part is absent.
struct ada_url_components {
  uint32_t protocol_end;
  uint32_t username_end;
  uint32_t host_start;
  uint32_t host_end;
  uint32_t port;
  uint32_t pathname_start;
  uint32_t search_start;
  uint32_t hash_start;
};

struct ada_version_components {
  int major;
  int minor;
  int revision;
};

using ada_url = void*;

/// The input is UTF-8. Never null; check ada_is_valid(), and free in any case.
ada_url ada_parse(const char* input, size_t length);
ada_url ada_parse_with_base(const char* input, size_t length, const char* base, size_t base_length);
bool ada_can_parse(const char* input, size_t length);
bool ada_can_parse_with_base(const char* input, size_t length, const char* base,
                             size_t base_length);
void ada_free(ada_url url);
bool ada_is_valid(ada_url url);

ada_string ada_get_href(ada_url url);
const ada_url_components* ada_get_components(ada_url url);

/// False when the value was refused; the URL is then unchanged.
bool ada_set_href(ada_url url, const char* input, size_t length);
bool ada_set_protocol(ada_url url, const char* input, size_t length);
bool ada_set_username(ada_url url, const char* input, size_t length);
bool ada_set_password(ada_url url, const char* input, size_t length);
bool ada_set_host(ada_url url, const char* input, size_t length);
bool ada_set_hostname(ada_url url, const char* input, size_t length);
bool ada_set_port(ada_url url, const char* input, size_t length);
bool ada_set_pathname(ada_url url, const char* input, size_t length);
void ada_set_search(ada_url url, const char* input, size_t length);
void ada_set_hash(ada_url url, const char* input, size_t length);
void ada_clear_search(ada_url url);
void ada_clear_hash(ada_url url);

ada_version_components ada_get_version_components();

}  // extern "C"

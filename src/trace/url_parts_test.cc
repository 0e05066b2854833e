#include "trace/url_parts.h"

#include <gtest/gtest.h>

namespace selvage::trace {
namespace {

TEST(UrlParts, AreFoundInEveryForm) {
  struct Case {
    const char* url;
    const char* host;
    uint16_t port;
    const char* path;
    const char* query;
  };
  for (const Case& each :
       {Case{"http://a.b/c?d=e", "a.b", 80, "/c", "d=e"}, Case{"https://a", "a", 443, "", ""},
        Case{"https://a:8443/", "a", 8443, "/", ""}, Case{"http://[::1]:80/x", "::1", 80, "/x", ""},
        Case{"http://[::1]/x", "::1", 80, "/x", ""},
        Case{"http://user:pass@a:1/?q", "a", 1, "/", "q"}, Case{"http://a?x#y?z", "a", 80, "", "x"},
        Case{"nothing", "", 0, "", ""}}) {
    const UrlParts parts = split_url(each.url);
    EXPECT_EQ(parts.host, each.host) << each.url;
    EXPECT_EQ(parts.port, each.port) << each.url;
    EXPECT_EQ(parts.path, each.path) << each.url;
    EXPECT_EQ(parts.query, each.query) << each.url;
  }
}

TEST(UrlParts, SignaturesAndPasswordsStayOut) {
  EXPECT_EQ(redact_query("a=1&sig=abc&b&Signature=x=y&sig"),
            "a=1&sig=REDACTED&b&Signature=REDACTED&sig");
  Span span;
  describe_url(span, "https://user:secret@a.b:8443/c?X-Goog-Signature=1#f");
  EXPECT_EQ(std::get<std::string>(span.attributes[0].value),
            "https://a.b:8443/c?X-Goog-Signature=REDACTED");
  Span other;
  describe_url(other, "http://[::1]:81/");
  EXPECT_EQ(std::get<std::string>(other.attributes[0].value), "http://[::1]:81/");
}

TEST(Method, UnknownOnesShareAName) {
  Span span;
  describe_method(span, "PROPFIND");
  EXPECT_EQ(span.name, "HTTP");
  EXPECT_EQ(std::get<std::string>(span.attributes[0].value), "_OTHER");
  EXPECT_EQ(std::get<std::string>(span.attributes[1].value), "PROPFIND");
}

}  // namespace
}  // namespace selvage::trace

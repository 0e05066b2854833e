#include "api/multipart.h"

#include <gtest/gtest.h>

#include "api/multipart_writer.h"

namespace selvage::api {
namespace {

std::string part(const std::string& head, const std::string& body) {
  return "--b\r\n" + head + "\r\n\r\n" + body + "\r\n";
}

TEST(Multipart, ReadsPartsAsWranglerSendsThem) {
  const std::string body =
      part("Content-Disposition: form-data; name=\"metadata\"", "{}") +
      part(
          "Content-Disposition: form-data; name=\"./a%22.js\"; filename=\"./a%22.js\"\r\n"
          "Content-Type: application/javascript+module",
          "line\r\n--c\r\n") +
      part("content-disposition: form-data; name=empty", "") + "--b--\r\n";
  const auto parts = parse_multipart(body, "b").value();
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].name, "metadata");
  EXPECT_EQ(parts[0].body, "{}");
  EXPECT_EQ(parts[1].filename, "./a\".js");
  EXPECT_EQ(parts[1].content_type, "application/javascript+module");
  EXPECT_EQ(parts[1].body, "line\r\n--c\r\n");
  EXPECT_EQ(parts[2].name, "empty");
  EXPECT_EQ(parts[2].body, "");
}

TEST(Multipart, ReadsWhatTheWriterWrites) {
  MultipartWriter writer("----selvage");
  writer.add_field("metadata", R"({"main_module":"a.js"})");
  writer.add_file("a\"b\r\n.js", "dir/a\"b.js", "application/javascript+module", "x\r\n--y\r\n");
  writer.add_file("untyped", "f", "", std::string("\0\r\n", 3));
  const std::string boundary = multipart_boundary(writer.content_type());
  const std::string body = writer.finish();
  const auto parts = parse_multipart(body, boundary).value();
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].name, "metadata");
  EXPECT_EQ(parts[0].filename, "");
  EXPECT_EQ(parts[0].content_type, "");
  EXPECT_EQ(parts[0].body, R"({"main_module":"a.js"})");
  EXPECT_EQ(parts[1].name, "a\"b\r\n.js");
  EXPECT_EQ(parts[1].filename, "dir/a\"b.js");
  EXPECT_EQ(parts[1].content_type, "application/javascript+module");
  EXPECT_EQ(parts[1].body, "x\r\n--y\r\n");
  EXPECT_EQ(parts[2].content_type, "");
  EXPECT_EQ(parts[2].body, std::string("\0\r\n", 3));
}

TEST(Multipart, RefusesWhatIsMalformed) {
  const std::string head = "Content-Disposition: form-data; name=\"a\"";
  for (const std::string& body : std::vector<std::string>{
           "", "--b", "--b\r\n", "--b\r\n\r\nx\r\n--b--", "nothing", part(head, "x"),
           "--b\r\n" + head + "\r\n\r\nx", "--bx\r\n" + head + "\r\n\r\nx\r\n--b--",
           part("Content-Type: text/plain", "x") + "--b--",
           part("Content-Disposition: attachment; name=\"a\"", "x") + "--b--",
           part(head + "\r\nContent-Transfer-Encoding: base64", "x") + "--b--"}) {
    EXPECT_FALSE(parse_multipart(body, "b")) << body;
  }
  EXPECT_FALSE(parse_multipart(part(head, "x") + "--b--", ""));
}

TEST(Multipart, KeepsToItsLimits) {
  const std::string one = part("Content-Disposition: form-data; name=\"a\"", "x");
  EXPECT_TRUE(parse_multipart(one + one + "--b--", "b", {.parts = 2}));
  EXPECT_FALSE(parse_multipart(one + one + one + "--b--", "b", {.parts = 2}));
  EXPECT_FALSE(parse_multipart(one + "--b--", "b", {.head_bytes = 10}));
}

TEST(Multipart, FindsTheBoundary) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=----x"), "----x");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=x; boundary=\"a b\""), "a b");
  EXPECT_EQ(multipart_boundary("application/json"), "");
  EXPECT_EQ(multipart_boundary("multipart/form-data"), "");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(300, 'x')), "");
}

}  // namespace
}  // namespace selvage::api

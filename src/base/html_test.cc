#include "base/html.h"

#include <gtest/gtest.h>

namespace selvage {
namespace {

TEST(Html, markup_becomes_text) {
  EXPECT_EQ(escape_html("<a href=\"x\" title='y'>&amp;</a>"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
  EXPECT_EQ(escape_html("pl\xC3\xA4in"), "pl\xC3\xA4in");
}

}  // namespace
}  // namespace selvage

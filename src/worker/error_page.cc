#include "worker/error_page.h"

#include <algorithm>
#include <cstring>

#include "base/html.h"

namespace selvage::worker {
namespace {

bool wants_html(const http::Exchange& exchange) {
  // The accept line alone; "text/html" elsewhere is as good a sign of a browser.
  return exchange.header_block().find("text/html") != std::string_view::npos;
}

std::string html_page(const ErrorPage& page, bool revealing) {
  std::string html =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>" + escape_html(page.title) +
      "</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:4rem "
      "auto;padding:0 "
      "1rem;color:#1c1c1c;background:#fafafa}h1{font-size:1.4rem}pre{background:#fff;"
      "border:1px solid #ddd;border-left:4px solid #c33;padding:1rem;overflow:auto;"
      "font:14px/1.45 ui-monospace,monospace}p.remedy{color:#555}@media(prefers-color-scheme:dark)"
      "{body{color:#e8e8e8;background:#161616}pre{background:#222;border-color:#444;"
      "border-left-color:#e55}p.remedy{color:#aaa}}</style><h1>" +
      std::to_string(page.status) + " · " + escape_html(page.title) + "</h1>";
  if (revealing && !page.detail.empty()) html += "<pre>" + escape_html(page.detail) + "</pre>";
  if (!page.remedy.empty()) html += "<p class=\"remedy\">" + escape_html(page.remedy) + "</p>";
  return html + "</html>\n";
}

std::string text_page(const ErrorPage& page, bool revealing) {
  std::string text = page.title + "\n";
  if (revealing && !page.detail.empty()) text += "\n" + page.detail + "\n";
  if (!page.remedy.empty()) text += "\n" + page.remedy + "\n";
  return text;
}

}  // namespace

void respond_error(http::Exchange& exchange, const ErrorPage& page, bool revealing) {
  const bool html = wants_html(exchange);
  const std::string body = html ? html_page(page, revealing) : text_page(page, revealing);
  char* to = exchange.respond(
      page.status, "",
      html ? "Content-Type: text/html;charset=UTF-8\r\nCache-Control: no-store\r\n"
           : "Content-Type: text/plain;charset=UTF-8\r\nCache-Control: no-store\r\n",
      body.size());
  if (to != nullptr) memcpy(to, body.data(), body.size());
}

}  // namespace selvage::worker

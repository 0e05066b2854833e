// A login in a browser: OAuth 2.0 with an authorization code and PKCE, as api/oauth.cc gives it.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "cli/credentials.h"

namespace selvage::cli {

/// `show` gets the address of the page that a person is to open. Waits for their answer, which
/// comes to a port of this machine; gives up after some minutes. The account is left to find out.
Result<Credentials> log_in_with_browser(const std::string& api_url,
                                        const std::function<void(const std::string& page)>& show);

/// Another token for a login whose own is about to end.
Result<Credentials> renew_login(const Credentials& login);

/// Tells the platform that the login is over. Nobody minds when it cannot be told.
void end_login(const Credentials& login);

}  // namespace selvage::cli

// "Did you mean ...?"
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace selvage::deploy {

/// The candidate that a typing mistake most likely meant, or "" when none is near enough: at most
/// one edit (insert, delete, replace, swap of neighbours) for each three letters.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace selvage::deploy

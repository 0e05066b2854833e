// Ids of Durable Objects: 64 hexadecimal digits that only this namespace can have made.
//
// The first 16 bytes are random, or a keyed hash of the name; the other 16 are a keyed hash of the
// first. The key is SHA-256 of the namespace's key ("<script>-<class>"). As in workerd, so that ids
// of a local project stay what they were.
#pragma once

#include <string>
#include <string_view>

namespace selvage::worker {

std::string object_id_from_name(std::string_view namespace_key, std::string_view name);
std::string new_object_id(std::string_view namespace_key);
/// `hex`: 64 digits, lower case.
bool is_object_id_of(std::string_view namespace_key, std::string_view hex);

}  // namespace selvage::worker

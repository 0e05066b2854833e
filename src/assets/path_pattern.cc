#include "assets/path_pattern.h"

#include <algorithm>

namespace selvage::assets {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

constexpr std::string_view kScheme = "https://";

}  // namespace

void PathPattern::add_literal(std::string_view text) {
  if (text.empty()) return;
  if (!parts_.empty() && parts_.back().kind == Part::Kind::literal) {
    parts_.back().text += text;
  } else {
    parts_.push_back({Part::Kind::literal, std::string(text)});
  }
}

std::optional<PathPattern> PathPattern::compile(std::string_view text) {
  PathPattern pattern;
  pattern.names_host_ = text.starts_with(kScheme);
  bool in_host = pattern.names_host_;
  size_t at = in_host ? kScheme.size() : 0;
  pattern.add_literal(text.substr(0, at));
  std::vector<std::string> names;
  while (at < text.size()) {
    if (text[at] == '*') {
      pattern.parts_.push_back({Part::Kind::splat, "splat"});
      names.emplace_back("splat");
      ++at;
      continue;
    }
    if (text[at] == ':' && at + 1 < text.size() && is_letter(text[at + 1])) {
      size_t end = at + 1;
      while (end < text.size() && is_word(text[end])) ++end;
      names.emplace_back(text.substr(at + 1, end - at - 1));
      pattern.parts_.push_back(
          {in_host ? Part::Kind::host_placeholder : Part::Kind::placeholder, names.back()});
      at = end;
      continue;
    }
    if (text[at] == '/') in_host = false;
    pattern.add_literal(text.substr(at, 1));
    ++at;
  }
  pattern.variables_ = names.size();
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end()) return std::nullopt;
  return pattern;
}

PathPattern PathPattern::glob(std::string_view text) {
  PathPattern pattern;
  for (const char c : text) {
    if (c != '*') {
      pattern.add_literal(std::string_view(&c, 1));
    } else if (pattern.parts_.empty() || pattern.parts_.back().kind != Part::Kind::splat) {
      pattern.parts_.push_back({Part::Kind::splat, "splat"});
      ++pattern.variables_;
    }
  }
  return pattern;
}

// Greedy, with a memory of what has failed: that keeps backtracking from taking exponential time.
bool PathPattern::match_from(size_t part, size_t at, std::string_view text,
                             std::vector<size_t>& begins, std::vector<bool>& failed) const {
  if (part == parts_.size()) return at == text.size();
  const size_t state = part * (text.size() + 1) + at;
  if (failed[state]) return false;
  const Part& current = parts_[part];
  begins[part] = at;
  if (current.kind == Part::Kind::literal) {
    if (text.substr(at).starts_with(current.text) &&
        match_from(part + 1, at + current.text.size(), text, begins, failed)) {
      return true;
    }
    failed[state] = true;
    return false;
  }
  size_t end = text.size();
  if (current.kind == Part::Kind::placeholder) {
    end = std::min(end, text.find('/', at));
  } else if (current.kind == Part::Kind::host_placeholder) {
    end = std::min(end, text.find_first_of("/.", at));
  }
  const size_t least = current.kind == Part::Kind::splat ? at : at + 1;
  for (size_t next = end + 1; next-- > least;) {
    if (match_from(part + 1, next, text, begins, failed)) return true;
  }
  failed[state] = true;
  return false;
}

std::optional<Captures> PathPattern::match(std::string_view hostname, std::string_view path) const {
  std::string full;
  std::string_view text = path;
  if (names_host_) {
    full.append(kScheme).append(hostname).append(path);
    text = full;
  }
  if (variables_ == 0) {
    const bool same = parts_.empty() ? text.empty() : text == parts_[0].text;
    return same ? std::optional<Captures>(Captures()) : std::nullopt;
  }
  if (parts_[0].kind == Part::Kind::literal && !text.starts_with(parts_[0].text)) {
    return std::nullopt;
  }
  std::vector<size_t> begins(parts_.size() + 1);
  std::vector<bool> failed(parts_.size() * (text.size() + 1));
  if (!match_from(0, 0, text, begins, failed)) return std::nullopt;
  begins[parts_.size()] = text.size();
  Captures captures;
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].kind == Part::Kind::literal) continue;
    captures.emplace_back(parts_[i].text,
                          std::string(text.substr(begins[i], begins[i + 1] - begins[i])));
  }
  return captures;
}

std::string fill_in(std::string text, const Captures& captures) {
  for (const auto& [name, value] : captures) {
    const std::string marker = ":" + name;
    std::string filled;
    size_t at = 0;
    for (size_t found = text.find(marker); found != std::string::npos;
         found = text.find(marker, at)) {
      filled.append(text, at, found - at).append(value);
      at = found + marker.size();
    }
    text = filled.append(text, at);
  }
  return text;
}

}  // namespace selvage::assets
